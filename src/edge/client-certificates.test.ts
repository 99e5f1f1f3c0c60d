import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectH2 } from "node:http2";
import { after, before, describe, test } from "node:test";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { ClientCertificateSettings } from "#model/definition.ts";
import type { TlsFacts } from "#model/exchange.ts";
import { makeCa, run, type Running, systemClock } from "./harness.test.ts";
import type { InternalCa } from "./internal-ca.ts";
import { type Authority, exportKey, makeAuthority, makeKeys, signWorkload } from "./x509.ts";

const random = { bytes: (count: number) => randomBytes(count) };
const hour = 3_600_000;

interface Client {
  readonly cert: string;
  readonly key: string;
}

async function clientOf(issuer: Authority, names: string[], notAfter = Date.now() + hour): Promise<Client> {
  const keys = await makeKeys();
  const validity = { notBefore: Date.now() - hour, notAfter };
  const certificate = await signWorkload({ names, publicKey: keys.publicKey, lists: [] }, validity, issuer, random);
  return { cert: certificate.toString("pem"), key: await exportKey(keys) };
}

const authority = (name: string): Promise<Authority> =>
  makeAuthority(name, { notBefore: Date.now() - hour, notAfter: Date.now() + hour }, null, random);
const pemOf = ({ certificate }: Authority): string => certificate.toString("pem");

describe("client certificates", () => {
  let ca: InternalCa;
  let remove: () => Promise<void>;
  let running: Running;
  let trusted: Authority;
  let other: Authority;
  let good: Client;
  let stranger: Client;
  let settings: ClientCertificateSettings;

  before(async () => {
    ({ ca, remove } = await makeCa());
    [trusted, other] = [await authority("Trusted"), await authority("Other")];
    good = await clientOf(trusted, ["spiffe://example.org/orders", "orders.test"]);
    stranger = await clientOf(other, ["spiffe://example.org/orders"]);
    settings = { mode: "request", ca: pemOf(trusted), internalCa: false };
    const { chain, key } = await ca.issue(["api.test"]);
    running = await run({
      tls: "internal",
      clientCertificates: settings,
      edge: { certificates: [{ hosts: ["api.test"], certPem: chain, keyPem: key }], ticketKeys: randomBytes(48) },
    });
  });
  after(async () => {
    await running.stop();
    await remove();
  });

  const open = async (options: ConnectionOptions): Promise<TLSSocket> => {
    const socket = connectTls({
      port: running.https,
      host: "127.0.0.1",
      servername: "api.test",
      ca: ca.rootCertificatePem,
      ...options,
    });
    socket.on("error", () => {});
    await once(socket, "secureConnect");
    return socket;
  };
  /** Status of one request on the connection, which stays open. */
  const ask = async (socket: TLSSocket): Promise<string> => {
    socket.write("GET / HTTP/1.1\r\nHost: api.test\r\n\r\n");
    const [chunk] = await once(socket, "data");
    return String(chunk).slice(9, 12);
  };
  const seen = (): TlsFacts => running.exchanges.at(-1)?.facts.tls as TlsFacts;
  const factsFor = async (options: ConnectionOptions): Promise<TlsFacts> => {
    const socket = await open(options);
    assert.equal(await ask(socket), "200");
    socket.destroy();
    return seen();
  };
  /** A session that the server has handed out, and the facts of a request that resumed it. */
  const resumed = async (options: ConnectionOptions, between: () => void = () => {}): Promise<[boolean, TlsFacts]> => {
    const first = await open(options);
    // TLS 1.3 sends tickets after the handshake, TLS 1.2 within it.
    const [ticket] = first.getProtocol() === "TLSv1.3" ? await once(first, "session") : [first.getSession()];
    await ask(first);
    first.destroy();
    between();
    const second = await open({ ...options, session: ticket });
    const reused = second.isSessionReused();
    assert.equal(await ask(second), "200");
    second.destroy();
    return [reused, seen()];
  };

  for (const version of ["TLSv1.3", "TLSv1.2"] as const) {
    const only = { minVersion: version, maxVersion: version };

    test(`${version}: what a trusted authority has signed is believed, all else is not`, async () => {
      const { certificate, certificateProblem } = await factsFor({ ...only, ...good });
      assert.equal(certificateProblem, null);
      assert.deepEqual(certificate?.uris, ["spiffe://example.org/orders"]);
      assert.deepEqual(certificate?.dnsNames, ["orders.test"]);
      assert.equal(certificate?.issuer, "CN=Trusted");
      assert.match(certificate?.fingerprint ?? "", /^[0-9a-f]{64}$/);

      const unknown = await factsFor({ ...only, ...stranger });
      assert.equal(unknown.certificate, null);
      assert.match(unknown.certificateProblem ?? "", /UNABLE_TO_/);

      const late = await factsFor({ ...only, ...(await clientOf(trusted, ["a.test"], Date.now() - 1000)) });
      assert.deepEqual([late.certificate, late.certificateProblem], [null, "CERT_HAS_EXPIRED"]);

      const nobody = await factsFor(only);
      assert.deepEqual([nobody.certificate, nobody.certificateProblem], [null, null]);
    });

    test(`${version}: a resumed session keeps its certificate, and gets none it did not have`, async () => {
      const [reused, facts] = await resumed({ ...only, ...good });
      assert.equal(reused, true);
      assert.deepEqual(facts.certificate?.dnsNames, ["orders.test"]);
      // Node calls the first of these authorized: there was nothing to verify.
      const [again, nobody] = await resumed(only);
      assert.deepEqual([again, nobody.certificate], [true, null]);
      const [, unknown] = await resumed({ ...only, ...stranger });
      assert.equal(unknown.certificate, null);
      assert.match(unknown.certificateProblem ?? "", /UNABLE_TO_/);
    });

    test(`${version}: a session does not outlive the trust it was made under`, async () => {
      const use = (authorities: string): void =>
        running.edge.update({ ...running.settings, clientCertificates: { ...settings, ca: authorities } });
      const [reused, facts] = await resumed({ ...only, ...good }, () => use(pemOf(other)));
      assert.deepEqual([reused, facts.certificate], [false, null]);
      const { certificate } = await factsFor({ ...only, ...stranger });
      assert.notEqual(certificate, null, "the new authority is trusted at once");
      use(pemOf(trusted));
    });
  }

  test("an open connection loses a certificate whose authority is trusted no more, or that expires", async () => {
    const socket = await open(good);
    await ask(socket);
    assert.notEqual(seen().certificate, null);
    running.edge.update({ ...running.settings, clientCertificates: { ...settings, ca: pemOf(other) } });
    await ask(socket);
    assert.equal(seen().certificate, null);
    assert.match(seen().certificateProblem ?? "", /changed since/);
    running.edge.update({ ...running.settings, clientCertificates: settings });
    socket.destroy();

    const brief = await open(await clientOf(trusted, ["brief.test"], Math.ceil(Date.now() / 1000) * 1000 + 1000));
    await ask(brief);
    assert.notEqual(seen().certificate, null);
    const { notAfter } = seen().certificate as NonNullable<TlsFacts["certificate"]>;
    await new Promise((resolve) => setTimeout(resolve, notAfter - systemClock.now() + 5));
    await ask(brief);
    assert.deepEqual([seen().certificate, seen().certificateProblem], [null, "CERT_HAS_EXPIRED"]);
    brief.destroy();
  });

  for (const mode of ["request", "require"] as const) {
    test(`${mode}: what was revoked is not believed, on open connections, new ones, and in sessions that resume`, async () => {
      running.edge.update({ ...running.settings, clientCertificates: { ...settings, mode } });
      const refused = async (socket: TLSSocket): Promise<string | null | undefined> => {
        if (mode === "require") return (await ask(socket)) === "403" ? running.refusals.at(-1)?.detail : null;
        assert.equal(await ask(socket), "200");
        assert.equal(seen().certificate, null);
        return seen().certificateProblem;
      };
      const socket = await open(good);
      const [session] = await Promise.all([once(socket, "session").then(([ticket]) => ticket as Buffer), ask(socket)]);
      const { issuerKeyId, serial } = seen().certificate as NonNullable<TlsFacts["certificate"]>;
      running.edge.setRevoked([`${"0".repeat(40)}-${serial}`, `${issuerKeyId}-${serial}0`]);
      assert.equal(await ask(socket), "200");
      assert.notEqual(seen().certificate, null, "others were revoked");
      running.edge.setRevoked([`${issuerKeyId}-${serial}`]);
      assert.equal(await refused(socket), "CERT_REVOKED");
      const fresh = await open(good);
      assert.equal(await refused(fresh), "CERT_REVOKED");
      const again = await open({ ...good, session });
      assert.equal(again.isSessionReused(), true);
      assert.equal(await refused(again), "CERT_REVOKED");
      for (const one of [socket, fresh, again]) one.destroy();
      running.edge.setRevoked([]);
      running.edge.update({ ...running.settings, clientCertificates: settings });
    });
  }

  test("over HTTP/2, each request of a connection has its certificate", async () => {
    const session = connectH2(`https://api.test:${running.https}`, {
      ca: ca.rootCertificatePem,
      lookup: (_host, _options, done) => done(null, [{ address: "127.0.0.1", family: 4 }]),
      ...good,
    });
    for (let count = 0; count < 2; count += 1) {
      const stream = session.request({ ":path": "/" });
      const [headers] = await once(stream, "response");
      assert.equal(headers[":status"], 200);
      stream.resume();
      await once(stream, "close");
      assert.deepEqual(seen().certificate?.dnsNames, ["orders.test"]);
    }
    session.close();
  });

  test("required: whoever has none reads why, and the record too; a listener that trusts nobody lets nobody in", async () => {
    running.edge.update({ ...running.settings, clientCertificates: { ...settings, mode: "require" } });
    const count = running.exchanges.length;
    const nobody = await open({});
    assert.equal(await ask(nobody), "403");
    const unknown = await open(stranger);
    assert.equal(await ask(unknown), "403");
    assert.deepEqual(
      running.refusals.slice(-2).map(({ reason }) => reason),
      ["certificate-required", "certificate-not-trusted"],
    );
    assert.equal(running.exchanges.length, count);
    const known = await open(good);
    assert.equal(await ask(known), "200");

    running.edge.update({
      ...running.settings,
      clientCertificates: { mode: "require", ca: "", internalCa: true },
    });
    const late = await open(good);
    assert.equal(await ask(late), "403");
    running.edge.setInternalRoots(pemOf(trusted));
    const welcome = await open(good);
    assert.equal(await ask(welcome), "200");
    for (const socket of [nobody, unknown, known, late, welcome]) socket.destroy();
    running.edge.update({ ...running.settings, clientCertificates: settings });
  });
});
