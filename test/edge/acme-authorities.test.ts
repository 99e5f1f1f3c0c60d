import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli, type TestGateway } from "#test/support/gateway.ts";
import { freePorts } from "#test/support/free-port.ts";
import { needsCommand, needsNamespaces, root } from "#test/support/require.ts";
import { closeSite, openSite, type Site, start, visitUntil } from "./https-site.ts";

describe("two nodes with one storage", needsCommand("pebble"), () => {
  let site: Site;
  const nodes: TestGateway[] = [];
  const folders: string[] = [];
  before(async () => {
    site = await openSite();
  });
  after(async () => {
    for (const node of nodes) await node.cleanUp();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    await closeSite(site);
  });

  it("race for a name: one orders it, both serve it, whichever of them the authority comes to; all is sealed", async () => {
    const ports = (await freePorts(2)) as [number, number];
    const shared = join(site.folder, "shared");
    const acme = [`storage: ${shared}`, "storageKey: { file: storage.key }"];
    const files = { "storage.key": randomBytes(32).toString("base64") };
    folders.push(mkdtempSync(join(tmpdir(), "sallyport-node-")), mkdtempSync(join(tmpdir(), "sallyport-node-")));
    const hosts = ["race1.sally.org", "race2.sally.org", "race3.sally.org"];
    // The authority comes to the first one's ports only.
    nodes.push(
      ...(await Promise.all([
        start(site, { hosts, acme, files }, folders[0]),
        start(site, { hosts, acme, files, ports }, folders[1]),
      ])),
    );
    const issuing = await site.pebble.issuingRoot();
    for (const name of hosts) {
      const serials = await Promise.all(nodes.map((node) => visitUntil(node, name, issuing)));
      assert.equal(serials[0]?.serialNumber, serials[1]?.serialNumber, name);
    }
    assert.equal(site.pebble.output().match(/Added order/g)?.length, hosts.length);
    const texts = readdirSync(shared, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    assert.ok(texts.filter((text) => text.startsWith("-----BEGIN SALLYPORT SEALED")).length >= hosts.length + 2);
    assert.ok(texts.every((text) => !/PRIVATE KEY|"d":/.test(text)));
    // Another key than the others': the settings before go on serving.
    writeFileSync(join(folders[1] ?? "", "storage.key"), randomBytes(32).toString("base64"));
    nodes[1]?.process.kill("SIGHUP");
    for (let left = 200; !/reload failed.*storageKey does not hold/.test(nodes[1]?.output() ?? ""); left -= 1) {
      assert.ok(left > 0, "it took the key");
      await sleep(50);
    }
    for (const node of nodes) await visitUntil(node, "race1.sally.org", issuing);
  });
});

describe("revoke and replace", needsCommand("pebble"), () => {
  it("from the command line: another certificate is served, then the one before is revoked", async () => {
    const site = await openSite();
    const gateway = await start(site, { hosts: ["api.sally.org"] });
    try {
      const issuing = await site.pebble.issuingRoot();
      const old = await visitUntil(gateway, "api.sally.org", issuing);
      const args = ["certificates", "--data", gateway.data, "--renew"];
      const unknown = await runCli([...args, "other.sally.org"]);
      assert.match(unknown.stderr, /certificate-unknown\)\n {2}fix: one of api\.sally\.org/);
      assert.equal((await runCli([...args, "api.sally.org", "--revoke", "keyCompromise"])).code, 0);
      await visitUntil(gateway, "api.sally.org", issuing, ({ serialNumber }) => serialNumber !== old.serialNumber);
      for (let left = 100; (await site.pebble.statusOf(old.serialNumber)) !== "Revoked" && left > 0; left -= 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.equal(await site.pebble.statusOf(old.serialNumber), "Revoked");
    } finally {
      await gateway.cleanUp();
      await closeSite(site);
    }
  });
});

describe(
  "Caddy's acme_server, in a network of its own, since it validates on ports 80 and 443",
  needsNamespaces(),
  () => {
    /** Runs a script there, with a folder of its own. @returns what it printed last, which is JSON */
    const inside = (script: string): unknown => {
      const folder = mkdtempSync(join(tmpdir(), "sallyport-caddy-"));
      try {
        const file = join(root, "test", "edge", script);
        const mount = 'ip link set lo up && mount --bind "$1/hosts" /etc/hosts && exec "$2" "$3" "$1"';
        const setUp = `printf '127.0.0.1 localhost ca.corp.internal a.corp.internal b.corp.internal\\n' > "$1/hosts"`;
        const args = ["-nm", "sh", "-c", `${setUp} && ${mount}`, "sh", folder, process.execPath, file];
        const { stdout, stderr, status } = spawnSync("unshare", args, { encoding: "utf8", timeout: 90_000 });
        assert.equal(status, 0, `${stdout}\n${stderr}`);
        return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };

    it("issues by http-01 and by tls-alpn-01, also after a reload", () => {
      assert.deepEqual(inside("inside-caddy-network.ts"), {
        "a.corp.internal": "DNS:a.corp.internal",
        "b.corp.internal": "DNS:b.corp.internal",
      });
    });

    it("has an order finished that a killed process left, and gives one certificate to two nodes that race for it", () => {
      assert.deepEqual(inside("inside-caddy-nodes.ts"), {
        "killed in time": true,
        "finished with the same key": true,
        "both serve one certificate": true,
        issued: 1,
      });
    });

    it("renews, is waited for while it is down, and takes back what was replaced", () => {
      const { log, ...happened } = inside("inside-caddy-over-time.ts") as Readonly<Record<string, unknown>>;
      const expected = {
        issued: true,
        "renewed with a third left": true,
        "and served": true,
        down: "ca.corp.internal:9443 cannot be reached: cannot connect: ECONNREFUSED",
        "served meanwhile": true,
        "recovered after minutes": 4,
        "and served then": true,
        replaced: true,
        revoked: "alreadyRevoked",
      };
      assert.deepEqual(happened, expected, JSON.stringify(log));
    });
  },
);
