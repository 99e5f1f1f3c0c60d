import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type ClientHttp2Session, connect as connectH2 } from "node:http2";
import { Agent, request as httpsRequest } from "node:https";
import { after, before, describe, test } from "node:test";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import type { EdgeCertificate } from "./edge-types.ts";
import { closing, eventually, makeCa, raw, reply, run, type Running } from "./harness.test.ts";
import type { InternalCa } from "./internal-ca.ts";

const names = ["api.test", "other.test", "*.wild.test", "localhost", "127.0.0.1"];

describe("TLS listener", () => {
  let ca: InternalCa;
  let remove: () => Promise<void>;
  let certificates: EdgeCertificate[];
  let running: Running;

  const certificateFor = async (hosts: string[]): Promise<EdgeCertificate> => {
    const { chain, key } = await ca.issue(hosts);
    return { hosts, certPem: chain, keyPem: key };
  };
  const tls = (options: ConnectionOptions): TLSSocket => {
    const socket = connectTls({ port: running.https, host: "127.0.0.1", ca: ca.rootCertificatePem, ...options });
    socket.on("error", () => {});
    return socket;
  };
  const handshake = async (options: ConnectionOptions): Promise<string> => {
    const socket = connectTls({ port: running.https, host: "127.0.0.1", ca: ca.rootCertificatePem, ...options });
    try {
      await once(socket, "secureConnect");
      return `${socket.getProtocol()} ${socket.alpnProtocol} ${socket.getPeerCertificate().subjectaltname}`;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      socket.destroy();
    }
  };

  const askHost = async (servername: string, host: string): Promise<string> => {
    const socket = tls({ servername });
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const [chunk] = await once(socket, "data");
    socket.destroy();
    return String(chunk).slice(9, 12);
  };

  const askClear = (request: string): Promise<string> => raw(running.http, `${request}\r\nConnection: close\r\n\r\n`);

  before(async () => {
    ({ ca, remove } = await makeCa());
    certificates = [await certificateFor(names), await certificateFor(["single.test"])];
    running = await run({
      tls: "internal",
      hsts: { maxAgeSeconds: 60, includeSubDomains: true },
      edge: { certificates, ticketKeys: randomBytes(48) },
    });
  });
  after(async () => {
    await running.stop();
    await remove();
  });

  test("HTTP/1.1 over TLS 1.3 and 1.2, verified against the root", async () => {
    for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
      const agent = new Agent({ ca: ca.rootCertificatePem, minVersion: version, maxVersion: version });
      const sent = httpsRequest({
        agent,
        host: "127.0.0.1",
        port: running.https,
        servername: "api.test",
        path: "/x",
        headers: { Host: "api.test" },
      });
      sent.end();
      const [response] = await once(sent, "response");
      assert.equal(response.statusCode, 200);
      assert.equal(response.headers["strict-transport-security"], "max-age=60; includeSubDomains");
      response.resume();
      const facts = running.exchanges.at(-1)?.facts;
      assert.equal(facts?.scheme, "https");
      assert.equal(facts?.tls?.version, version);
      assert.equal(facts?.tls?.serverName, "api.test");
      assert.match(facts?.tls?.cipher ?? "", /^TLS_.*(GCM|POLY1305)/);
      agent.destroy();
    }
  });

  test("old versions and weak ciphers find no answer", async () => {
    assert.match(
      await handshake({
        servername: "api.test",
        minVersion: "TLSv1.1",
        maxVersion: "TLSv1.1",
        ciphers: "DEFAULT@SECLEVEL=0",
      }),
      /^E/,
    );
    assert.match(
      await handshake({ servername: "api.test", maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" }),
      /^E/,
    );
  });

  test("the certificate goes by the server name, wildcards included", async () => {
    assert.match(await handshake({ servername: "single.test" }), /DNS:single\.test$/);
    assert.match(await handshake({ servername: "a.wild.test" }), /DNS:api\.test/);
    assert.match(await handshake({ servername: "API.test" }), /DNS:api\.test/);
    assert.match(await handshake({ ALPNProtocols: ["h2", "http/1.1"], servername: "api.test" }), /^TLSv1.3 h2 /);
    assert.match(await handshake({}), /DNS:api\.test/, "no server name: the first certificate");
  });

  test("a name that is not served gets a fatal alert, in both versions", async () => {
    for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
      for (const servername of ["unknown.test", "a.b.wild.test"]) {
        assert.match(await handshake({ servername, maxVersion, ALPNProtocols: ["http/1.1"] }), /ALERT/);
      }
    }
    assert.match(await handshake({ servername: "api.test", ALPNProtocols: ["h3"] }), /ALERT/);
  });

  test("a name that is not served gets no answer either when the client offers no protocol", async () => {
    const socket = tls({ servername: "unknown.test", rejectUnauthorized: false });
    socket.write("GET / HTTP/1.1\r\nHost: unknown.test\r\n\r\n");
    assert.equal(Buffer.concat(await socket.toArray().catch(() => [])).toString(), "");
  });

  test("a host that the connection's certificate does not cover is misdirected", async () => {
    assert.equal(await askHost("api.test", "api.test"), "200");
    assert.equal(await askHost("api.test", "other.test:443"), "200", "same certificate");
    assert.equal(await askHost("api.test", "single.test"), "421");
    assert.equal(await askHost("single.test", "api.test"), "421");
    assert.equal(await askHost("single.test", "unknown.test"), "421");
    assert.equal(running.refusals.at(-1)?.reason, "misdirected-request");
  });

  test("sessions resume on another listener with the same ticket keys, and not with others", async () => {
    const keys = randomBytes(48);
    const resumes = async (second: Buffer): Promise<boolean> => {
      running.edge.setTicketKeys(keys);
      const first = tls({ servername: "api.test", maxVersion: "TLSv1.2" });
      const [session] = await once(first, "session");
      first.destroy();
      const other = await run({ tls: "internal", edge: { certificates, ticketKeys: second } });
      const again = connectTls({
        port: other.https,
        host: "127.0.0.1",
        ca: ca.rootCertificatePem,
        servername: "api.test",
        maxVersion: "TLSv1.2",
        session,
      });
      await once(again, "secureConnect");
      const reused = again.isSessionReused();
      again.destroy();
      await other.stop();
      return reused;
    };
    assert.equal(await resumes(keys), true);
    assert.equal(await resumes(randomBytes(48)), false);
  });

  test("renegotiation is refused", async () => {
    const socket = tls({ servername: "api.test", maxVersion: "TLSv1.2" });
    await once(socket, "secureConnect");
    const outcome = await new Promise<Error | null>((resolve) => {
      socket.on("close", () => resolve(new Error("closed")));
      socket.on("error", resolve);
      socket.renegotiate({}, resolve);
    });
    assert.notEqual(outcome, null);
    socket.destroy();
  });

  test("certificates change live: new handshakes only", async () => {
    const other = await run({ tls: "internal", edge: { certificates } });
    const port = { port: other.https };
    const alpn = { ALPNProtocols: ["http/1.1"] };
    assert.match(await handshake({ ...port, ...alpn, servername: "new.test" }), /ALERT/);
    other.edge.setCertificates([await certificateFor(["new.test"])]);
    assert.match(await handshake({ ...port, servername: "new.test" }), /DNS:new\.test$/);
    assert.match(await handshake({ ...port, checkServerIdentity: () => undefined }), /DNS:new\.test$/);
    assert.match(await handshake({ ...port, ...alpn, servername: "api.test" }), /ALERT/);
    await other.stop();
  });

  test("without certificates every handshake is refused", async () => {
    const other = await run({ tls: "internal" });
    assert.match(await handshake({ port: other.https }), /ALERT/);
    await other.stop();
  });

  for (const ALPNProtocols of [["h2"], ["http/1.1"], undefined]) {
    test(`a client that is gone before its handshake is done is not waited for (${ALPNProtocols?.join() ?? "no protocol"})`, async () => {
      const other = await run({ tls: "internal", edge: { certificates }, limits: { headersTimeoutMs: 60_000 } });
      const client = connectTls({
        port: other.https,
        host: "127.0.0.1",
        servername: "api.test",
        ca: ca.rootCertificatePem,
        minVersion: "TLSv1.3",
        ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
      });
      // Its last message is not on its way yet.
      client.once("secureConnect", () => client.destroy());
      await once(client, "close");
      await eventually(() => other.edge.stats().connections === 0, "the connection is gone");
      await other.stop();
    });
  }

  test("slow headers behind TLS are answered 408, an unfinished handshake is cut", async () => {
    const other = await run({ tls: "internal", edge: { certificates }, limits: { headersTimeoutMs: 80 } });
    const socket = tls({ port: other.https, servername: "api.test" });
    socket.write("GET / HTTP/1.1\r\nHost: api.test\r\nX: ");
    const [chunk] = await once(socket, "data");
    assert.match(String(chunk), /^HTTP\/1.1 408 /);
    socket.destroy();
    assert.equal(await raw(other.https, "\x16\x03\x01"), "");
    const silent = connectH2(`https://127.0.0.1:${other.https}`, { ca: ca.rootCertificatePem, servername: "api.test" });
    silent.on("error", () => {});
    await once(silent, "close");
    await other.stop();
    assert.equal(other.edge.stats().connections, 0);
  });

  test("clear text on the HTTPS port is not answered", async () => {
    assert.equal(await raw(running.https, "GET / HTTP/1.1\r\nHost: api.test\r\n\r\n"), "");
  });

  describe("redirect to HTTPS", () => {
    test("308 with the port, the normalised path and the query", async () => {
      const text = await askClear("POST /a/../b?x=1 HTTP/1.1\r\nHost: API.test:80");
      assert.match(text, /^HTTP\/1.1 308 /);
      assert.ok(text.includes(`\r\nLocation: https://api.test:${running.https}/b?x=1\r\n`), text);
      assert.ok((await askClear("GET / HTTP/1.1\r\nHost: [::1]")).includes(`https://[::1]:${running.https}/`));
    });

    test("the usual port is left out", async () => {
      const other = await run({ tls: "internal", advertisedPorts: { https: 443, http: null } });
      const text = await raw(other.http, "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
      assert.ok(text.includes("Location: https://a.test/x\r\n"));
      await other.stop();
    });

    test("nothing that was sent leads elsewhere", async () => {
      const count = running.exchanges.length;
      assert.match(
        await askClear("GET //evil.test/ HTTP/1.1\r\nHost: a.test"),
        /Location: https:\/\/a\.test:\d+\/evil\.test\/\r\n/,
      );
      for (const host of ["a.test/evil", "a@evil.test", "a.test\\evil", "a.test evil"]) {
        assert.match(await askClear(`GET / HTTP/1.1\r\nHost: ${host}`), /^HTTP\/1.1 400 /);
      }
      assert.match(await askClear("GET /%0d%0aX:y HTTP/1.1\r\nHost: a.test"), /^HTTP\/1.1 400 /);
      assert.equal(running.exchanges.length, count);
    });
  });

  test("curl, over HTTP/1.1 and HTTP/2", async (context) => {
    const curl = promisify(execFile);
    const ask = async (flag: string): Promise<string> => {
      const to = [`--connect-to`, `api.test:443:127.0.0.1:${running.https}`, "--cacert", ca.rootFile];
      const { stdout } = await curl("curl", [
        "-s",
        flag,
        ...to,
        "-w",
        " %{http_version}",
        "-d",
        "x=1",
        "https://api.test/c",
      ]);
      return stdout;
    };
    try {
      await curl("curl", ["--version"]);
    } catch (error) {
      // Where everything optional is required, a missing component is a failure.
      if (process.env["SALLYPORT_REQUIRE"] === "all") throw error;
      context.skip("curl is not installed");
      return;
    }
    assert.equal(await ask("--http1.1"), "ok 1.1");
    assert.equal(await ask("--http2"), "ok 2");
  });
});

describe("drain", () => {
  test("idle ends at once, what is in flight finishes, the deadline ends the rest", async () => {
    const { ca, remove } = await makeCa();
    const { chain, key } = await ca.issue(["api.test"]);
    const running = await run({
      tls: "internal",
      edge: { certificates: [{ hosts: ["api.test"], certPem: chain, keyPem: key }] },
      onExchange: (exchange) => void closing(exchange),
    });
    const h1 = (path: string): TLSSocket => {
      const socket = connectTls({
        port: running.https,
        host: "127.0.0.1",
        ca: ca.rootCertificatePem,
        servername: "api.test",
      });
      socket.on("error", () => {});
      if (path !== "") socket.write(`GET ${path} HTTP/1.1\r\nHost: api.test\r\n\r\n`);
      return socket;
    };
    const session: ClientHttp2Session = connectH2("https://api.test", {
      createConnection: () =>
        connectTls({
          port: running.https,
          host: "127.0.0.1",
          ca: ca.rootCertificatePem,
          servername: "api.test",
          ALPNProtocols: ["h2"],
        }),
    });
    session.on("error", () => {});
    const stream = session.request({ ":path": "/h2" });
    const idle = h1("");
    const finishing = h1("/h1");
    const stuck = h1("/stuck");
    stuck.resume();
    await once(idle, "secureConnect");
    idle.resume();
    await eventually(() => running.exchanges.length === 3, "three in flight");
    await eventually(() => running.edge.stats().connections === 4, "four connections");
    const goaway = once(session, "goaway");
    const drained = running.edge.drain(400);
    await once(idle, "close");
    assert.equal((await goaway)[0], 0);
    const at = (path: string): (typeof running.exchanges)[number] => {
      const found = running.exchanges.find((exchange) => exchange.facts.path === path);
      assert.ok(found !== undefined, path);
      return found;
    };
    reply(at("/h1"), 200, "h1 done");
    const [first] = await once(finishing, "data");
    assert.match(String(first), /Connection: close\r\n[^]*h1 done$/);
    reply(at("/h2"), 200, "h2 done");
    assert.equal(Buffer.concat(await stream.toArray()).toString(), "h2 done");
    const incomplete = closing(at("/stuck"));
    await drained;
    assert.equal(await incomplete, false);
    assert.deepEqual(running.edge.stats(), { connections: 0, inFlight: 0 });
    await assert.rejects(fetch(`http://127.0.0.1:${running.http}/`));
    session.destroy();
    await remove();
  });

  test("a second gateway on the port is an error with its name", async () => {
    const running = await run();
    const settings = { http: [{ host: "127.0.0.1", port: running.http }] };
    await assert.rejects(run(settings), (error: { code?: string }) => error.code === "port-in-use");
    await running.stop();
  });

  test("listeners with reusePort share a port", async () => {
    const first = await run({ edge: { reusePort: true } });
    const second = await run({ http: [{ host: "127.0.0.1", port: first.http }], edge: { reusePort: true } });
    assert.equal(second.http, first.http);
    await first.stop();
    assert.match(await raw(second.http, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), /ok$/);
    await second.stop();
  });
});
