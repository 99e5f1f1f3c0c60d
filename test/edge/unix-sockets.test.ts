import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { type FrontProxy, startCaddy, startNginx } from "#test/support/front-proxy.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const apis = (upstream: string, greeting = ""): string => `apis:
  who: { path: /who, access: public, respond: { status: 200, body: "${greeting}\${request.clientAddress}" } }
  echo: { path: /echo, access: public, backend: echo }
  office:
    path: /office
    access: public
    respond: { status: 200, body: welcome }
    policies: { inbound: [ { ip-filter: { action: allow, address: [203.0.113.0/24] } } ] }
backends:
  echo: { url: "${upstream}" }
`;

function curl(socket: string, url: string, ...more: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile("curl", ["-sS", "-m", "20", "--unix-socket", socket, ...more, url], (_error, stdout, stderr) =>
      resolve(stdout === "" ? stderr : stdout),
    );
  });
}

const status = ["-o", "/dev/null", "-w", "%{http_code}"];

describe("a listener on a Unix socket, of a trusted proxy", () => {
  let gateway: TestGateway;
  let upstream: TestUpstream;
  let socket: string;

  before(async () => {
    upstream = await startUpstream();
    const edge = `version: 1
edge:
  https: off
  listen: { http: ["127.0.0.1:0", "unix:gateway.sock|0666"] }
  trustedProxies: [unix]
`;
    gateway = await startTestGateway({ definition: edge + apis(upstream.url), args: ["--workers", "2"] });
    socket = join(gateway.folder, "gateway.sock");
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
  });

  const throughProxy = async (front: FrontProxy): Promise<void> => {
    const told = ["X-Forwarded-For", "6.6.6.6"];
    const ask = async (path: string): Promise<string> => {
      const headers = { host: "api.test", [told[0] as string]: told[1] as string };
      return (await call({ ...gateway, url: "http://localhost", port: front.port }, path, { headers })).text;
    };
    assert.match(await ask("/who"), /^127\.0\.0\.1$/);
    assert.equal(await ask("/echo"), '{"path":"/"}');
    const { headers } = upstream.seen.at(-1) ?? assert.fail("nothing arrived");
    assert.match(String(headers["x-forwarded-for"]), /^(6\.6\.6\.6, )?127\.0\.0\.1$/, "no hop is made up");
    assert.equal(headers["x-forwarded-host"], "api.test");
    assert.equal(headers["x-forwarded-proto"], "http");
  };

  it("takes what Caddy says of the client", needsCommand("caddy"), async () => {
    const caddy = await startCaddy(`\treverse_proxy unix/${socket}`);
    await throughProxy(caddy).finally(() => caddy.stop());
  });

  it("takes what nginx says of the client", needsCommand("nginx"), async () => {
    const nginx = await startNginx(`location / {
      proxy_pass http://unix:${socket}:;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
    }`);
    await throughProxy(nginx).finally(() => nginx.stop());
  });

  it("has no address of its own: a filter by address refuses, and the record says unix", async () => {
    assert.equal(await curl(socket, "http://api.test/who"), "unix");
    assert.equal(await curl(socket, "http://api.test/office", ...status), "403");
    assert.equal(await curl(socket, "http://api.test/office", "-H", "X-Forwarded-For: 203.0.113.9"), "welcome");
    const record = async (): Promise<string> => {
      const folder = join(gateway.data, "audit");
      for (let tries = 0; tries < 200; tries += 1) {
        const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
        const found = lines.find((line) => line.includes('"path":"/office"') && line.includes("address-not-allowed"));
        if (found !== undefined) return found;
        await sleep(25);
      }
      return "";
    };
    assert.match(await record(), /"client":"unix"/);
  });

  it("does not make anybody believed who comes over TCP", async () => {
    const headers = { "x-forwarded-for": "203.0.113.9", host: "api.test" };
    assert.equal((await call(gateway, "/who", { headers })).text, "127.0.0.1");
    assert.equal((await call(gateway, "/office", { headers })).status, 403);
  });

  it("has the mode that is written, and is shown by status", async () => {
    assert.equal(statSync(socket).mode & 0o777, 0o666);
    const { stdout } = await runCli(["status", "--data", gateway.data]);
    assert.ok(stdout.includes(`http at unix:${socket}`), stdout);
  });

  it("is not taken by a second gateway, which says why and ends", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-second-"));
    writeFileSync(
      join(folder, "sallyport.yaml"),
      `version: 1\nedge: { https: off, listen: { http: "unix:${socket}" } }\n${apis(upstream.url)}`,
    );
    const args = ["run", "--config", join(folder, "sallyport.yaml"), "--data", join(folder, "data")];
    const { code, stderr } = await runCli(args);
    rmSync(folder, { recursive: true, force: true });
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /cannot listen on unix:.*gateway\.sock: another process listens there \(port-in-use\)\n {2}fix: /,
    );
    assert.equal(await curl(socket, "http://api.test/who"), "unix");
  });

  it("outlives a reload as the same socket, and a kill as a dead one that the next start replaces", async () => {
    const { ino } = statSync(socket);
    const file = join(gateway.folder, "sallyport.yaml");
    const changed = readFileSync(file, "utf8").replace('body: "$', 'body: "hello $');
    writeFileSync(file, changed);
    gateway.process.kill("SIGHUP");
    for (let tries = 0; (await curl(socket, "http://api.test/who")) !== "hello unix"; tries += 1) {
      assert.ok(tries < 200, gateway.output());
      await sleep(25);
    }
    assert.equal(statSync(socket).ino, ino);
    await gateway.kill();
    assert.equal(existsSync(socket), true);
    assert.match(await curl(socket, "http://api.test/who"), /Couldn't connect|refused/i);
    gateway = await startTestGateway({ definition: changed, folder: gateway.folder });
    assert.equal(await curl(socket, "http://api.test/who"), "hello unix");
    assert.equal(await gateway.stop(), 0);
    assert.equal(existsSync(socket), false);
  });
});

describe("TLS, and proxies that are not trusted, over Unix sockets", () => {
  let gateway: TestGateway;
  let upstream: TestUpstream;

  before(async () => {
    upstream = await startUpstream();
    const edge = `version: 1
edge: { https: internal, listen: { https: "unix/tls.sock", http: "unix/plain.sock" } }
`;
    gateway = await startTestGateway({ definition: edge + apis(upstream.url), args: ["--workers", "2"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
  });

  const secure = (path: string, ...more: readonly string[]): Promise<string> => {
    const root = ["--cacert", join(gateway.data, "ca", "root.crt")];
    return curl(join(gateway.folder, "tls.sock"), `https://localhost${path}`, ...root, ...more);
  };

  it("speaks HTTP/1.1 and HTTP/2", async () => {
    const version = ["-o", "/dev/null", "-w", "%{http_version}"];
    assert.equal(await secure("/who", "--http1.1", ...version), "1.1");
    assert.equal(await secure("/who", "--http2", ...version), "2");
  });

  it("redirects from the clear socket to HTTPS", async () => {
    const head = await curl(join(gateway.folder, "plain.sock"), "http://localhost/who?x=1", "-i");
    assert.match(head, /^HTTP\/1\.1 308[\s\S]*\r\nLocation: https:\/\/localhost\/who\?x=1\r\n/);
  });

  it("believes nothing that an untrusted peer says, and tells the backend nothing", async () => {
    const claims = ["-H", "X-Forwarded-For: 203.0.113.9", "-H", "Forwarded: for=203.0.113.9"];
    assert.equal(await secure("/who", ...claims), "unix");
    assert.equal(await secure("/office", ...claims, ...status), "403");
    await secure("/echo", ...claims, "-H", "X-Forwarded-Host: evil.test");
    const { headers } = upstream.seen.at(-1) ?? assert.fail("nothing arrived");
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.includes("forwarded")),
      [],
    );
  });

  it("is for its own user where nothing else is written", () => {
    assert.equal(statSync(join(gateway.folder, "tls.sock")).mode & 0o777, 0o600);
  });
});

describe("the PROXY protocol over a Unix socket", () => {
  const definition = (proxies: string): string => `version: 1
edge:
  https: off
  listen: { http: "unix:gateway.sock", proxyProtocol: http }
  trustedProxies: [${proxies}]
${apis("http://127.0.0.1:9")}`;

  const ask = (gateway: TestGateway, bytes: string): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      const socket = connect(join(gateway.folder, "gateway.sock"));
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("error", () => {});
      socket.on("close", () => resolve(text));
      socket.write(bytes);
    });
  const request = "GET /who HTTP/1.1\r\nHost: api.test\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n";

  const withGateway = async (proxies: string, test: (gateway: TestGateway) => Promise<void>): Promise<void> => {
    const gateway = await startTestGateway({ definition: definition(proxies), args: ["--workers", "1"] });
    await test(gateway).finally(() => gateway.cleanUp());
  };
  const header = "PROXY TCP4 203.0.113.7 127.0.0.1 50000 80\r\n";

  it("names the client, whose own word counts for nothing", () =>
    withGateway("unix", async (gateway) => {
      assert.match(await ask(gateway, header + request), /\r\n\r\n203\.0\.113\.7$/);
      assert.equal(await ask(gateway, request), "", "without a header");
    }));

  it("is not taken from a peer that is not trusted", () =>
    withGateway("127.0.0.1", async (gateway) => {
      assert.equal(await ask(gateway, header + request), "");
      for (let tries = 0; tries < 200 && !gateway.output().includes('"peer":"unix"'); tries += 1) await sleep(25);
      assert.match(gateway.output(), /"peer":"unix"/);
    }));
});
