import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer as createHttp } from "node:http";
import { createSecureServer } from "node:http2";
import { connect, type Socket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { OwnCertificate } from "#model/own-certificate.ts";
import { opensslAbsent, TestCa } from "./certificates.test-helper.ts";
import { createEgress } from "./egress-fetch.ts";
import {
  backend,
  Cleanup,
  clock,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  listen,
  send,
  text,
} from "./forwarding.test-helper.ts";
import type { Exchange } from "#model/exchange.ts";

const cleanup = new Cleanup();
let ca: TestCa;

before(() => {
  if (opensslAbsent === false) ca = new TestCa();
});
after(() => ca?.remove());
afterEach(() => cleanup.run());

/** Each has a name of its own in it. */
function issue(name: string): OwnCertificate {
  const { cert, key } = ca.issue(`DNS:${name}`);
  const digest = (algorithm: string): string => createHash(algorithm).update(cert).digest("hex");
  return new OwnCertificate(digest("sha256"), cert, digest("sha1").toUpperCase(), key);
}

interface Upstream {
  readonly port: number;
  /** What each connection showed. */
  readonly shown: string[];
}

/** Answers with its version of HTTP, and the name of the certificate that its connection showed. */
async function askingUpstream(): Promise<Upstream> {
  const shown: string[] = [];
  const name = (socket: TLSSocket): string =>
    (socket.getPeerX509Certificate()?.subjectAltName ?? "nobody").replace("DNS:", "");
  const tls = { ...ca.issue("DNS:localhost"), requestCert: true, rejectUnauthorized: false, ca: ca.pem };
  const server = createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
    response.end(`${request.httpVersionMajor} ${name(request.socket as TLSSocket)}`);
  });
  server.on("sessionError", () => {});
  server.on("secureConnection", (socket: TLSSocket) => shown.push(name(socket)));
  return { port: await listen(server, cleanup), shown };
}

/** A forward proxy that opens every tunnel, and counts them. */
async function tunnelProxy(): Promise<{ url: string; opened: () => number }> {
  let opened = 0;
  const proxy = createHttp();
  proxy.on("connect", (request, client: Socket) => {
    opened += 1;
    const far = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      far.pipe(client).pipe(far);
    });
    far.on("error", () => client.destroy());
    client.on("error", () => far.destroy());
    client.on("close", () => far.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(proxy, cleanup)}`, opened: () => opened };
}

function showing(certificate: OwnCertificate | null, parts = {}): Exchange {
  const made = exchange(parts);
  made.request.certificate = certificate;
  return made;
}

describe("a certificate that a policy chose", { skip: opensslAbsent }, () => {
  it("is shown by connections that serve no other one, and none without", async () => {
    const { port, shown } = await askingUpstream();
    const via = forwarder(cleanup, { backends: [backend([`https://localhost:${port}`], { ca: ca.pem })] });
    const [one, two] = [issue("one"), issue("two")];
    const asked: string[] = [];
    for (const each of [null, one, two, null, one, two, one, null])
      asked.push(await text(await send(via, showing(each))));
    assert.deepEqual(
      asked,
      ["nobody", "one", "two", "nobody", "one", "two", "one", "nobody"].map((name) => `1 ${name}`),
    );
    assert.deepEqual(shown, ["nobody", "one", "two"]);
  });

  it("is shown instead of the backend's own, and by HTTP/2 and ALPN as well", async () => {
    const { port } = await askingUpstream();
    const own = ca.issue("DNS:own");
    const tls = { certificate: own.cert, keyPem: own.key, serverName: null, minVersion: "TLSv1.2" } as const;
    for (const [protocol, version] of [
      ["http/1.1", 1],
      ["auto", 2],
      ["h2", 2],
    ] as const) {
      const up = backend([`https://localhost:${port}`], { ca: ca.pem, tls, protocol });
      const via = forwarder(cleanup, { backends: [up] });
      assert.equal(await text(await send(via, showing(null))), `${version} own`);
      assert.equal(await text(await send(via, showing(issue("policy")))), `${version} policy`);
      assert.equal(await text(await send(via, showing(null))), `${version} own`);
    }
  });

  it("is never left out: in clear text, with a key that does not fit, or without one, nothing is sent", async () => {
    const clear = await httpUpstream(cleanup, (_request, response) => response.end("clear"));
    const { port, shown } = await askingUpstream();
    const backends = [backend([clear.url]), backend([`https://localhost:${port}`], { ca: ca.pem, name: "tls" })];
    const via = forwarder(cleanup, { backends });
    await assert.rejects(send(via, showing(issue("one"))), isCode("egress-refused", 502));
    assert.equal(clear.connections(), 0);
    const fits = ca.issue("DNS:fits");
    for (const key of [ca.issue("DNS:other").key, null, "no key"]) {
      const broken = new OwnCertificate(`broken ${key?.length}`, fits.cert, "", key);
      const sent = showing(broken);
      sent.request.backend = 1;
      await assert.rejects(send(via, sent), (error: Error) => {
        assert.ok(isCode("upstream-connect-failed", 502)(error));
        assert.doesNotMatch(error.message, /PRIVATE|no key/);
        return error.cause === undefined;
      });
    }
    assert.deepEqual(shown, []);
  });

  it("is shown through the tunnel of a proxy, which has connections of its own for each", async () => {
    const { port } = await askingUpstream();
    const { url, opened } = await tunnelProxy();
    const via = forwarder(cleanup, { backends: [backend([`https://localhost:${port}`], { ca: ca.pem })] });
    const proxy = { url, declared: true, authorization: null };
    const [one, two] = [issue("one"), issue("two")];
    const asked: string[] = [];
    for (const [certificate, isProxied] of [
      [one, true],
      [null, true],
      [two, true],
      [one, false],
      [one, true],
    ] as const) {
      const sent = showing(certificate);
      sent.request.proxy = isProxied ? proxy : null;
      asked.push(await text(await send(via, sent)));
    }
    assert.deepEqual(asked, ["1 one", "1 nobody", "1 two", "1 one", "1 one"]);
    assert.equal(opened(), 3);
  });

  it("does not let pools grow without bound", async () => {
    const { port, shown } = await askingUpstream();
    const via = forwarder(cleanup, { backends: [backend([`https://localhost:${port}`], { ca: ca.pem })] });
    const { cert, key } = ca.issue("DNS:many");
    const ask = async (id: string): Promise<string> =>
      text(await send(via, showing(new OwnCertificate(id, cert, "", key))));
    assert.equal(await ask("first"), "1 many");
    assert.equal(await ask("first"), "1 many");
    assert.equal(shown.length, 1);
    for (let count = 0; count < 32; count += 1) await ask(`other ${count}`);
    // Its pool went, and with it the connection.
    assert.equal(await ask("first"), "1 many");
    assert.equal(shown.length, 34);
  });
});

describe("a certificate in a call of a policy", { skip: opensslAbsent }, () => {
  it("is shown, kept connections never meet another one, and it does not go out in clear text", async () => {
    const { port, shown } = await askingUpstream();
    const egress = createEgress({ clock, allow: [], ownAddresses: [], ca: ca.pem });
    cleanup.add(egress, (made) => made.close?.());
    const ask = async (
      certificate: OwnCertificate | undefined,
      url = `https://localhost:${port}/`,
    ): Promise<string> => {
      const common = { url, timeoutMs: 5000, maxBytes: 1000, declared: true, keepAlive: true } as const;
      const { body } = await egress.fetch({ ...common, ...(certificate && { certificate }) });
      return Buffer.from(body).toString();
    };
    const [one, two] = [issue("one"), issue("two")];
    const asked: string[] = [];
    for (const each of [one, undefined, two, one, two, undefined]) asked.push(await ask(each));
    assert.deepEqual(
      asked,
      ["one", "nobody", "two", "one", "two", "nobody"].map((name) => `1 ${name}`),
    );
    assert.deepEqual(shown, ["one", "nobody", "two"]);
    await assert.rejects(ask(one, `http://localhost:${port}/`), isCode("egress-refused"));
  });
});
