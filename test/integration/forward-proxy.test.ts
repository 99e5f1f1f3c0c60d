import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer, request as httpRequest, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { exportKey, makeAuthority, makeLeaf } from "#edge/x509.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const login = `Basic ${Buffer.from("me:pw").toString("base64")}`;

/** A forward proxy made of Node's HTTP server: absolute-form and CONNECT, for those who log in. */
async function startProxy(asked: string[]): Promise<{ readonly url: string; readonly close: () => void }> {
  const proxy: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.headers["proxy-authorization"] !== login) return void response.writeHead(407).end();
    const headers = { ...request.headers };
    delete headers["proxy-authorization"];
    const onward = httpRequest(request.url ?? "", { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
    return undefined;
  });
  proxy.on("connect", (request, client, head) => {
    asked.push(`CONNECT ${request.url}`);
    if (request.headers["proxy-authorization"] !== login) {
      return void client.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    }
    const [host, port] = (request.url ?? "").split(":");
    const far = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.write(head);
      far.pipe(client).pipe(far);
    });
    far.on("error", () => client.destroy());
    client.on("error", () => far.destroy());
    return undefined;
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

describe("by way of a forward proxy", () => {
  const asked: string[] = [];
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let upstream: TestUpstream;
  let secure: Server;
  let gateway: TestGateway;
  let securePort: number;

  before(async () => {
    proxy = await startProxy(asked);
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.end(`clear ${request.url} ${String(request.headers["proxy-authorization"])}`);
    });
    const random = { bytes: (count: number) => randomBytes(count) };
    const validity = { notBefore: Date.now() - 1000, notAfter: Date.now() + 86_400_000 };
    const root = await makeAuthority("proxied", validity, null, random);
    const leaf = await makeLeaf(["localhost"], validity, root, random);
    const own = { cert: leaf.certificate.toString("pem"), key: await exportKey(leaf.keys) };
    secure = createTlsServer(own, (request, response) => {
      let bytes = 0;
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => response.end(`secure ${request.url} ${bytes}`));
    }) as unknown as Server;
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    securePort = (secure.address() as AddressInfo).port;
    const policy = (url: string, more = ""): string =>
      `{ proxy: { url: "${url}", username: me, password: pw${more} } }`;
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  clear: { path: /clear, backend: up, access: public, policies: { inbound: [${policy(proxy.url)}] } }
  secure: { path: /secure, backend: secure, access: public, policies: { inbound: [${policy(proxy.url)}] } }
  stranger: { path: /stranger, backend: secure, access: public, policies: { inbound: [{ proxy: { url: "${proxy.url}" } }] } }
  nobody: { path: /nobody, backend: up, access: public, policies: { inbound: [{ proxy: { url: "${proxy.url}" } }] } }
  gone: { path: /gone, backend: secure, access: public, policies: { inbound: [${policy("http://127.0.0.1:1")}] } }
  chosen: { path: /chosen, backend: up, access: public, policies: { inbound: [{ proxy: { url: "\${request.query.via}" } }] } }
  sent:
    path: /sent
    backend: up
    access: public
    policies:
      inbound:
        - send-request: { responseVariable: it, policies: [{ set-url: "${upstream.url}/asked" }, ${policy(proxy.url)}] }
        - return-response: { responseVariable: it }
backends:
  up: { url: "${upstream.url}" }
  secure: { url: "https://127.0.0.1:${securePort}", ca: ./ca.pem, tls: { serverName: localhost } }
`,
      files: { "ca.pem": root.certificate.toString("pem") },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    proxy.close();
    secure.closeAllConnections();
    secure.close();
    await upstream.close();
  });

  it("clear text is asked of the proxy, which keeps what it was shown to itself", async () => {
    const answer = await call(gateway, "/clear/a?b=1");
    assert.equal(answer.text, "clear /a?b=1 undefined");
    assert.equal(asked.includes(`GET ${upstream.url}/a?b=1`), true);
  });

  it("TLS goes through a tunnel, with bodies, over kept connections", async () => {
    const many = 8;
    for (let times = 0; times < many; times += 1) {
      const body = "x".repeat(300_000);
      assert.equal((await call(gateway, "/secure/a", { method: "POST", body })).text, "secure /a 300000");
    }
    // A tunnel whose last bytes are not known to have left is not handed on: the next call may come before that.
    const tunnels = asked.filter((one) => one === `CONNECT 127.0.0.1:${securePort}`).length;
    assert.ok(tunnels <= many / 2, `${tunnels} tunnels for ${many} calls`);
  });

  it("calls of policies go so too", async () => {
    assert.equal((await call(gateway, "/sent")).text, "clear /asked undefined");
    assert.equal(asked.includes(`GET ${upstream.url}/asked`), true);
  });

  it("is refused when the proxy refuses, or is not there: nothing goes around it", async () => {
    for (const path of ["/stranger", "/nobody", "/gone"]) {
      const refused = await call(gateway, path);
      assert.deepEqual([refused.status, refused.json()["reason"]], [502, "upstream-connect-failed"], path);
    }
  });

  it("a computed proxy must be allowed", async () => {
    const refused = await call(gateway, `/chosen?via=${encodeURIComponent(proxy.url)}`);
    assert.deepEqual([refused.status, refused.json()["reason"]], [502, "egress-not-allowed"]);
  });
});
