import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

const definitionFor = (https: number, http: number): string => `version: 1
edge:
  listen: { https: "127.0.0.1:${https}", http: "127.0.0.1:${http}", proxyProtocol: [https, http] }
  https: internal
  trustedProxies: [127.0.0.1]
apis:
  who: { path: /who, access: public, respond: { status: 200, body: "\${request.clientAddress}" } }
`;

/** HAProxy in front, in both versions of the protocol: TLS passed through, and plain. */
describe("PROXY protocol, with HAProxy", needsCommand("haproxy"), () => {
  let folder: string;
  let gateway: TestGateway;
  let haproxy: ChildProcess;
  let ports: number[];
  let [https, http] = [0, 0];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-haproxy-"));
    const free = await freePorts(6);
    [https = 0, http = 0] = free;
    ports = free.slice(2);
    gateway = await startTestGateway({ definition: definitionFor(https, http), args: ["--workers", "2"] });
    const way = (name: string, listen: number, target: number, how: string): string =>
      `listen ${name}\n  bind 127.0.0.1:${listen}\n  source 127.0.0.1\n  server gateway 127.0.0.1:${target} ${how}\n`;
    const defaults = "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 10s\n  timeout server 10s\n";
    const ways = [
      way("tls1", ports[0] as number, https, "send-proxy"),
      way("tls2", ports[1] as number, https, "send-proxy-v2"),
      way("plain1", ports[2] as number, http, "send-proxy"),
      way("plain2", ports[3] as number, http, "send-proxy-v2 check inter 200ms"),
    ];
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, `global\n  maxconn 100\n${defaults}${ways.join("")}`);
    haproxy = spawn("haproxy", ["-f", file, "-db"], { stdio: ["ignore", "inherit", "inherit"] });
  });
  after(async () => {
    haproxy?.kill("SIGKILL");
    await gateway?.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  /** From another address of loopback than the proxy's own, so that the two cannot be mistaken for each other. */
  const curl = (url: string, ...more: string[]): Promise<string> =>
    new Promise((resolve) => {
      const args = ["-sS", "--interface", "127.0.0.9", "--cacert", join(gateway.data, "ca", "root.crt"), ...more, url];
      execFile(
        "curl",
        [...args, "--retry", "5", "--retry-connrefused", "--retry-delay", "1"],
        (_error, stdout, stderr) => resolve(stdout === "" ? stderr : stdout),
      );
    });

  it("TLS passed through: the client is who the header says, in both versions and protocols", async () => {
    for (const port of ports.slice(0, 2)) {
      assert.equal(
        await curl(`https://localhost:${port}/who`, "--resolve", `localhost:${port}:127.0.0.1`, "--http1.1"),
        "127.0.0.9",
      );
      assert.equal(
        await curl(`https://localhost:${port}/who`, "--resolve", `localhost:${port}:127.0.0.1`, "--http2"),
        "127.0.0.9",
      );
    }
  });

  it("plain: the redirect is answered, and health checks of the proxy itself are taken", async () => {
    for (const port of ports.slice(2)) {
      assert.match(
        await curl(`http://localhost:${port}/who`, "-i", "--resolve", `localhost:${port}:127.0.0.1`),
        /^HTTP\/1.1 308/,
      );
    }
    await sleep(500);
    assert.doesNotMatch(gateway.output(), /PROXY protocol: connection refused/);
  });

  it("whoever sends no header, a malformed one, or is no trusted proxy, gets nothing", async () => {
    const send = (bytes: string, localAddress: string): Promise<string> =>
      new Promise((resolve) => {
        let text = "";
        const socket = connect({ port: http, host: "127.0.0.1", localAddress });
        socket.on("data", (chunk) => (text += chunk.toString()));
        socket.on("error", () => {});
        socket.on("close", () => resolve(text));
        socket.write(bytes);
      });
    const header = "PROXY TCP4 192.0.2.7 127.0.0.1 50000 80\r\n";
    const request = "GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert.match(await send(`${header}${request}`, "127.0.0.1"), /^HTTP\/1.1 308/, "in one piece");
    assert.equal(await send(request, "127.0.0.1"), "");
    assert.equal(await send(`${header.replace("192", "999")}${request}`, "127.0.0.1"), "");
    assert.equal(await send(`${header}${request}`, "127.0.0.9"), "");
    await sleep(200);
    assert.match(gateway.output(), /PROXY protocol: connection refused/);
  });
});
