import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import type { Discovery } from "#model/discovery.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { needsCommand } from "#test/support/require.ts";
import {
  backend,
  Cleanup,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  send,
  text,
  until,
} from "#upstream/forwarding.test-helper.ts";
import type { Forwarder, ForwarderOptions } from "#upstream/forward.ts";
import { DnsDiscovery } from "./dns-discovery.ts";
import { type DnsQueries, type Endpoint, findEndpoints } from "./endpoints.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const setting: Discovery = {
  type: "srv",
  name: "_orders._tcp.test",
  scheme: "http",
  port: 80,
  basePath: "",
  resolver: null,
  refreshMs: 1000,
  staleMs: 60_000,
};

interface NameServer {
  readonly address: string;
  /** Replaces all records; the server is another process afterwards. */
  serve(lines: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

/** A real dnsmasq that knows what it is told and nothing else. */
async function nameServer(lines: readonly string[]): Promise<NameServer> {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-dns-"));
  const [port = 0] = await freePorts(1);
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null) return;
    running.kill("SIGKILL");
    await once(running, "exit");
  };
  const serve = async (records: readonly string[]): Promise<void> => {
    await stop();
    const file = join(folder, "dnsmasq.conf");
    const settings = [`port=${port}`, "listen-address=127.0.0.1", "bind-interfaces", "no-resolv", "no-hosts"];
    writeFileSync(file, [...settings, "local=/test/", "keep-in-foreground", ...records, ""].join("\n"));
    child = spawn("dnsmasq", ["--conf-file=" + file, "--pid-file=", "--user=", "--log-facility=-"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let printed = "";
    child.stderr?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await until(() => printed.includes("started"), "dnsmasq");
  };
  cleanup.add(folder, () => rmSync(folder, { recursive: true, force: true }));
  cleanup.add(stop, (end) => end());
  await serve(lines);
  return { address: `127.0.0.1:${port}`, serve, stop };
}

const named = async (name: string): Promise<number> =>
  (await httpUpstream(cleanup, (_, response) => response.end(name))).port;

function over(discover: Discovery, options: Partial<ForwarderOptions> = {}, more: object = {}): Forwarder {
  return forwarder(cleanup, { backends: [backend([], { discover, ...more })], ...options });
}

async function answers(via: Forwarder, count: number): Promise<string> {
  let seen = "";
  for (let round = 0; round < count; round += 1) seen += await text(await send(via, exchange()));
  return [...seen].toSorted().join("");
}

const address = "address=/a.test/127.0.0.1";
const srv = (port: number, priority = 1, weight = 1): string =>
  `srv-host=_orders._tcp.test,a.test,${port},${priority},${weight}`;

describe("targets from a real name server", needsCommand("dnsmasq"), () => {
  it("SRV: each record is one, with its port, weight and priority; new ones come, old ones go", async () => {
    const [a, b, c] = [
      await httpUpstream(cleanup, (_, response) => response.end("a")),
      await named("b"),
      await named("c"),
    ];
    const dns = await nameServer([address, srv(a.port, 1, 3), srv(b), srv(c, 2)]);
    const via = over(
      { ...setting, resolver: dns.address },
      {},
      { balance: { policy: "weighted-round-robin", choices: 2, name: "" } },
    );
    assert.equal(await answers(via, 8), "aaaaaabb");
    const connections = a.connections();
    await dns.serve([address, srv(a.port), srv(c)]);
    await until(() => !via.targetStatus().some(({ target }) => target.endsWith(`:${b}`)), "the next answer");
    assert.equal(await answers(via, 4), "aacc");
    assert.equal(a.connections(), connections, "the target that stayed kept its connection");
  });

  it("A: each address is one, and what is sent says the name", async () => {
    const hosts: (string | undefined)[] = [];
    const { port } = await httpUpstream(cleanup, (request, response) => {
      hosts.push(request.headers.host);
      response.end("a");
    });
    const dns = await nameServer(["address=/orders.test/127.0.0.1", "host-record=orders.test,127.0.0.1"]);
    const discover: Discovery = {
      ...setting,
      type: "a",
      name: "orders.test",
      port,
      basePath: "/v1",
      resolver: dns.address,
    };
    const via = over(discover, {}, { host: "upstream" });
    await until(() => via.targetStatus().length > 0, "the first answer");
    assert.deepEqual(
      via.targetStatus().map(({ target }) => target),
      [`http://127.0.0.1:${port}/v1`],
    );
    assert.equal(await text(await send(via, exchange())), "a");
    assert.deepEqual(hosts, [`orders.test:${port}`]);
  });

  it("stay while the server is silent, until the answer is too old", async () => {
    const dns = await nameServer([address, srv(await named("a"))]);
    const via = over({ ...setting, resolver: dns.address, staleMs: 60_000 });
    await until(() => via.targetStatus().length > 0, "the first answer");
    await dns.stop();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.equal(await answers(via, 2), "aa");
    const unknown = over({ ...setting, name: "_nothing._tcp.test", resolver: dns.address });
    await assert.rejects(send(unknown, exchange()), isCode("upstream-unavailable", 503));
  });

  it("of a definition that asks the same are there at once", async () => {
    const dns = await nameServer([address, srv(await named("a"))]);
    const discover = { ...setting, resolver: dns.address };
    const via = over(discover);
    assert.equal(await answers(via, 1), "a");
    via.update({ backends: [backend([], { discover, idleTimeoutMs: 7000 })], egress: { allow: [] } });
    assert.equal(await answers(via, 1), "a");
  });
});

describe("an answer", () => {
  const dns = (parts: Partial<DnsQueries>): DnsQueries => ({
    resolve4: () => Promise.reject(new Error("queryA ENODATA")),
    resolve6: () => Promise.reject(new Error("queryAaaa ENODATA")),
    resolveSrv: () => Promise.reject(new Error("querySrv ENOTFOUND")),
    ...parts,
  });

  it("may be of either family, and is an error without any", async () => {
    const both = dns({ resolve4: async () => ["192.0.2.1"], resolve6: async () => ["2001:db8::1"] });
    const found = await findEndpoints({ ...setting, type: "a", port: 8080 }, both);
    assert.deepEqual(
      found.map(({ key }) => key),
      ["192.0.2.1:8080", "[2001:db8::1]:8080"],
    );
    const six = await findEndpoints({ ...setting, type: "a" }, dns({ resolve6: async () => ["2001:db8::1"] }));
    assert.equal(six.length, 1);
    await assert.rejects(findEndpoints({ ...setting, type: "a" }, dns({})), /ENODATA/);
    await assert.rejects(findEndpoints(setting, dns({})), /ENOTFOUND/);
  });

  it("of SRV leaves out what is no service, has no address, or stands there twice", async () => {
    const record = (name: string, port: number): { name: string; port: number; priority: number; weight: number } => ({
      name,
      port,
      priority: 0,
      weight: 0,
    });
    const found = await findEndpoints(
      setting,
      dns({
        resolveSrv: async () => [
          record("", 80),
          record("a.test", 0),
          record("b.test", 1),
          record("a.test", 2),
          record("A.test", 2),
        ],
        resolve4: async (name) => (name === "b.test" ? [] : ["192.0.2.1"]),
      }),
    );
    assert.deepEqual(
      found.map(({ key, weight, priority }) => ({ key, weight, priority })),
      [{ key: "a.test:2", weight: 1, priority: 0 }],
    );
  });

  it("that leads to the admin API is refused, and the others are used", async () => {
    const port = await named("a");
    const via = over(
      { ...setting, type: "a", name: "orders.test", port },
      {
        ownAddresses: [{ host: "127.0.0.2", port, admin: true }],
        nameServer: () => dns({ resolve4: async () => ["127.0.0.1", "127.0.0.2"] }),
      },
    );
    await until(() => via.targetStatus().length > 0, "the first answer");
    assert.equal(via.targetStatus().length, 1);
    assert.equal(await answers(via, 1), "a");
  });

  it("is used for its time when no other comes, and failing is told once", async () => {
    let now = 0;
    const stopped = { now: () => now, mono: () => now };
    const wheel = cleanup.add(new TimerWheel(stopped, { tickMs: 10 }), (made) => made.close());
    let fails = false;
    const used: (readonly Endpoint[])[] = [];
    const told: string[] = [];
    const discovery = new DnsDiscovery({
      setting: { ...setting, type: "a", refreshMs: 10_000, staleMs: 15_000 },
      dns: dns({ resolve4: async () => (fails ? Promise.reject(new Error("SERVFAIL")) : ["192.0.2.1"]) }),
      clock: stopped,
      wheel,
      random: () => 0.5,
      use: (endpoints) => used.push(endpoints),
      failing: (error) => told.push(error?.message ?? "works"),
    });
    await discovery.pending;
    assert.equal(discovery.pending, null);
    const pass = async (ms: number): Promise<void> => {
      now += ms;
      wheel.tick();
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    };
    fails = true;
    await pass(10_000);
    assert.deepEqual([used.length, told], [1, ["SERVFAIL"]]);
    await pass(5000);
    assert.deepEqual([used.length, used.at(-1), told], [2, [], ["SERVFAIL"]]);
    fails = false;
    await pass(5000);
    assert.deepEqual([used.length, used.at(-1)?.length, told], [3, 1, ["SERVFAIL", "works"]]);
    discovery.stop();
    await pass(60_000);
    assert.equal(used.length, 3);
  });
});
