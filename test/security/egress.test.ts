import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin } from "./strict-origin.ts";

/** A destination that a request computes goes nowhere that the definition does not allow, whatever its spelling. */
describe("egress of computed destinations", () => {
  let origin: StrictOrigin;
  let allowed: StrictOrigin;
  let gateway: TestGateway;

  const definition = (port: number, allow: readonly string[]): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:${port}" } }
egress: { allow: [${allow.map((pattern) => `"${pattern}"`).join(", ")}] }
apis:
  any: { path: /any, access: public, timeout: 1s, policies: { inbound: [base, { set-backend-service: { baseUrl: "\${request.headers['x-to']}" } }] } }
  part: { path: /part, access: public, timeout: 1s, policies: { inbound: [base, { set-backend-service: { baseUrl: "http://\${request.headers['x-to']}/base" } }] } }
  written: { path: /written, access: public, policies: { inbound: [base, { set-backend-service: { baseUrl: "${origin.url}/base" } }] } }
`;
  const patterns = (own: number): string[] => [
    `http://localhost:${origin.port}`,
    `http://a.localhost:${origin.port}`,
    `http://127.0.0.1:${allowed.port}`,
    `http://127.0.0.1:${own}`,
    `http://localhost:${own}`,
    "http://169.254.169.254",
    "http://metadata.google.internal",
    "http://[fd00:ec2::254]",
    "http://0.0.0.0:80",
  ];

  before(async () => {
    [origin, allowed] = await Promise.all([startStrictOrigin(), startStrictOrigin()]);
    // Started once to learn a port of its own that the definition can then allow.
    gateway = await startTestGateway({ definition: definition(0, patterns(1)), args: ["--workers", "1"] });
    const { port, folder } = gateway;
    await gateway.stop();
    gateway = await startTestGateway({
      definition: definition(port, patterns(port)),
      folder,
      args: ["--workers", "1"],
    });
    assert.equal(gateway.port, port);
  });
  after(async () => {
    await gateway.cleanUp();
    await Promise.all([origin.close(), allowed.close()]);
  });

  async function ask(api: string, to: string): Promise<string> {
    const { status, body } = await askRaw(gateway, `/${api}/x`, [`X-To: ${to}`]);
    return status === 200 ? "200" : `${status} ${String((JSON.parse(body) as { reason: unknown }).reason)}`;
  }

  it("what stands in the definition is reached, on loopback too", async () => {
    assert.equal(await ask("written", "x"), "200");
    assert.equal(origin.requests.at(-1)?.target, "/base/x");
    assert.equal(await ask("any", allowed.url), "200", "its pattern is that address");
  });

  it("loopback, metadata and unspecified addresses are refused in every spelling", async () => {
    const { port } = origin;
    origin.requests.length = 0;
    const hosts = [
      "127.0.0.1",
      "127.1",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "127.0.0.2",
      "0.0.0.0",
      "0",
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[::ffff:7f00:1]",
      "[64:ff9b::7f00:1]",
      "[2002:7f00:1::]",
      "localhost.",
      "LOCALHOST",
      "a.b.localhost",
    ];
    for (const host of hosts) {
      const answer = await ask("any", `http://${host}:${port}`);
      assert.equal(answer, "502 egress-not-allowed", host);
      assert.equal(await ask("part", `${host}:${port}`), "502 egress-not-allowed", host);
    }
    for (const to of [
      "http://169.254.169.254",
      "http://[fd00:ec2::254]",
      "http://0.0.0.0:80",
      "http://[::ffff:a9fe:a9fe]",
    ]) {
      assert.equal(await ask("any", to), "502 egress-not-allowed", to);
    }
    assert.equal(origin.requests.length, 0);
  });

  it("a name that is allowed and resolves to loopback is refused when it is dialled", async () => {
    assert.equal(await ask("any", `http://localhost:${origin.port}`), "502 egress-not-allowed");
    // Not every resolver knows names below localhost.
    assert.match(
      await ask("any", `http://a.localhost:${origin.port}`),
      /^502 (egress-not-allowed|upstream-connect-failed)$/,
    );
    assert.equal(origin.requests.length, 0);
  });

  it("our own listener is refused, although its address is allowed", async () => {
    assert.equal(await ask("any", `http://127.0.0.1:${gateway.port}`), "502 egress-not-allowed");
    assert.equal(await ask("any", `http://localhost:${gateway.port}`), "502 egress-not-allowed");
    assert.equal(await ask("any", `http://127.0.0.1:${gateway.port}/written`), "502 egress-not-allowed");
  });

  it("what is no plain URL is refused before it is looked at", async () => {
    const urls = [
      `http://127.0.0.1:${allowed.port}@evil.example`,
      `http://evil.example\\@127.0.0.1:${allowed.port}`,
      `http://127.0.0.1:${allowed.port}?x`,
      `http://127.0.0.1:${allowed.port}#x`,
      `//127.0.0.1:${allowed.port}`,
      "file:///etc/passwd",
      "gopher://127.0.0.1:70/",
      "http://",
      "",
    ];
    allowed.requests.length = 0;
    for (const url of urls) {
      const answer = await ask("any", url);
      assert.ok(/^50[02] (expression-failed|egress-not-allowed)$/.test(answer), `${url}: ${answer}`);
    }
    assert.equal(allowed.requests.length, 0);
  });

  it("does not stay allowed when a reload takes the pattern away", async () => {
    assert.equal(await ask("any", allowed.url), "200", "there is an open connection to it");
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(gateway.port, []));
    gateway.process.kill("SIGHUP");
    for (let tries = 0; tries < 50 && !gateway.output().includes('"reloaded"'); tries += 1) await sleep(20);
    assert.equal(await ask("any", allowed.url), "502 egress-not-allowed");
  });
});
