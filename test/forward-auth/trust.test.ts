import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { type Application, doorSecret, send, startApplication } from "./setting.ts";

describe("whom an API believes", () => {
  let application: Application;
  let gateway: TestGateway;

  before(async () => {
    application = await startApplication();
    const policies = "{ inbound: [{ set-header: { name: X-Client, values: ['${request.clientAddress}'] } }] }";
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, forwardedHeader: true }
apis:
  plain: { path: /plain, backend: up, access: public, policies: ${policies} }
  fronted: { path: /fronted, backend: up, access: public, trustedProxies: [127.0.0.1, 192.0.2.0/24], policies: ${policies} }
backends: { up: { url: "http://127.0.0.1:${application.port}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    application.close();
  });

  const claims: readonly (readonly [string, string])[] = [
    ["X-Forwarded-For", "198.51.100.1, 203.0.113.9, 192.0.2.7"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Host", "shop.test"],
    ["Forwarded", "for=198.51.100.1"],
  ];
  const seenAfter = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    assert.equal((await send(gateway.port, path, claims.flat())).status, 200);
    return application.seen.at(-1)?.headers ?? assert.fail();
  };

  it("nobody, where neither the edge nor the API names a proxy", async () => {
    const headers = await seenAfter("/plain/x");
    assert.equal(headers["x-client"], "127.0.0.1");
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-host"], "app.test");
    assert.equal(headers["forwarded"], "for=127.0.0.1;host=app.test;proto=http");
  });

  it("its own proxies, for its own requests", async () => {
    const headers = await seenAfter("/fronted/x");
    assert.equal(headers["x-client"], "203.0.113.9");
    assert.equal(headers["x-forwarded-for"], "198.51.100.1, 203.0.113.9, 192.0.2.7, 127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers["x-forwarded-host"], "shop.test");
    assert.equal(headers["forwarded"], "for=198.51.100.1, for=127.0.0.1;host=app.test;proto=http");
  });
});

describe("over TLS", () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  proxySecret: { header: X-Azure-FDID, value: { env: DOOR_SECRET } }
apis: { a: { path: /, respond: { status: 200, body: here }, access: public } }
`,
      args: ["--workers", "1"],
      env: { DOOR_SECRET: doorSecret },
    });
  });
  after(() => gateway.cleanUp());

  it("an HTTP/2 request without the proxy's secret is refused, one with it is served", async () => {
    const session = connect(`https://localhost:${gateway.port}`, { ca: gateway.ca });
    const status = (headers: Readonly<Record<string, string>>): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ":path": "/", ...headers });
        stream.on("response", (head) => resolve(head[":status"] ?? 0));
        stream.on("error", reject);
        stream.resume().end();
      });
    try {
      assert.equal(await status({}), 403);
      assert.equal(await status({ "x-azure-fdid": "a-secret-of-another-0123456" }), 403);
      assert.equal(await status({ "x-azure-fdid": doorSecret }), 200);
    } finally {
      session.close();
    }
  });

  /** So there is nothing to mark with `Early-Data: 1` (RFC 8470): Node's TLS takes none. */
  it("no early data is taken, so none is replayed", needsCommand("openssl"), () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-early-"));
    const [session, request] = [join(folder, "session"), join(folder, "request")];
    const lines = `GET / HTTP/1.1\r\nHost: localhost\r\nX-Azure-FDID: ${doorSecret}\r\nConnection: close\r\n\r\n`;
    writeFileSync(request, lines);
    const client = (...more: string[]): string => {
      const args = ["s_client", "-connect", `127.0.0.1:${gateway.port}`, "-servername", "localhost", "-tls1_3"];
      return spawnSync("openssl", [...args, "-ign_eof", ...more], { input: lines, encoding: "utf8", timeout: 10_000 })
        .stdout;
    };
    try {
      const first = client("-sess_out", session);
      assert.match(first, /HTTP\/1\.1 200/);
      assert.match(first, /Max Early Data: 0/);
      const again = client("-sess_in", session, "-early_data", request);
      assert.match(again, /Reused, TLSv1\.3/);
      assert.match(again, /Early data was not sent/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
