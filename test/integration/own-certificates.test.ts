import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { CompactEncrypt, CompactSign } from "jose";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { opensslAbsent, TestCa, type TestCertificate } from "#upstream/certificates.test-helper.ts";

const signingKey = Buffer.alloc(32, 5);

function inbound(xml: string): string {
  return `<policies><inbound><base />${xml}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
}

const thumbprintOf = ({ cert }: TestCertificate): string => new X509Certificate(cert).fingerprint.replaceAll(":", "");

/** A gateway in a process of its own, in front of a service that lets nobody in without a certificate of its CA. */
describe("client certificates of the gateway", { skip: opensslAbsent }, () => {
  let ca: TestCa;
  let one: TestCertificate;
  let two: TestCertificate;
  let secure: Server;
  let gateway: TestGateway;

  before(async () => {
    ca = new TestCa();
    one = ca.issue("DNS:one.example", "rsa");
    two = ca.issue("DNS:two.example");
    const tls = { ...ca.issue("DNS:localhost"), ca: ca.pem, requestCert: true, rejectUnauthorized: true };
    secure = createServer(tls, (request, response) => {
      response.end((request.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName);
    });
    await new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve));
    const url = `https://localhost:${(secure.address() as AddressInfo).port}`;
    const definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
certificates:
  one: { certificate: one.pem, key: { file: one.key } }
  two: { pfx: { env: TWO_PFX }, password: { env: TWO_PASSWORD } }
apis:
  named: { path: /named, backend: secure, access: public, policies: { inbound: [ { authentication-certificate: { certificateId: one } } ] } }
  thumbprint: { path: /thumbprint, backend: secure, access: public, policies: thumbprint.xml }
  computed: { path: /computed, backend: secure, access: public, policies: computed.xml }
  own: { path: /own, backend: own, access: public }
  clear: { path: /clear, backend: clear, access: public, policies: { inbound: [ { authentication-certificate: { certificateId: one } } ] } }
  without: { path: /without, backend: secure, access: public }
  encrypted: { path: /encrypted, backend: own, access: public, policies: encrypted.xml }
backends:
  secure: { url: "${url}", ca: ca.pem }
  clear: { url: "http://127.0.0.1:9" }
  own: { url: "${url}", ca: ca.pem, tls: { clientCertificate: two } }
environments:
  dev: { values: { two-thumbprint: "${thumbprintOf(two)}", vault-pfx: { env: TWO_PFX }, vault-password: { env: TWO_PASSWORD } } }
`;
    const pfx = Buffer.from(ca.pfx(two, "open sesame")).toString("base64");
    gateway = await startTestGateway({
      definition,
      files: {
        "ca.pem": ca.pem,
        "one.pem": one.cert,
        "one.key": one.key,
        "thumbprint.xml": inbound('<authentication-certificate thumbprint="{{two-thumbprint}}" />'),
        "computed.xml": inbound(
          `<authentication-certificate body="@(Convert.FromBase64String(&quot;{{vault-pfx}}&quot;))" password="{{vault-password}}" />`,
        ),
        "encrypted.xml": inbound(`<validate-jwt header-name="Authorization"><issuer-signing-keys>
          <key>${signingKey.toString("base64")}</key></issuer-signing-keys>
          <decryption-keys><key certificate-id="one" /></decryption-keys></validate-jwt>`),
      },
      env: { TWO_PFX: pfx, TWO_PASSWORD: "open sesame" },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    secure?.closeAllConnections();
    secure?.close();
    ca?.remove();
  });

  const shown = async (path: string): Promise<string> => {
    const { status, text } = await call(gateway, path);
    return status === 200 ? text : String(status);
  };

  it("are shown to a service that asks for them, each where it was chosen and nowhere else", async () => {
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await shown("/named"), "DNS:one.example");
      assert.equal(await shown("/thumbprint"), "DNS:two.example");
      assert.equal(await shown("/own"), "DNS:two.example");
      assert.equal(await shown("/computed"), "DNS:two.example");
      assert.equal(await shown("/without"), "502");
    }
  });

  it("are not left out where they cannot be shown", async () => {
    const { status, json } = await call(gateway, "/clear");
    assert.deepEqual([status, json()["reason"]], [502, "egress-not-allowed"]);
  });

  it("are watched: the admin API and the metrics say when each expires, and nothing else of it", async () => {
    const { json, text } = await askAdmin(gateway, "GET /certificates");
    const rows = json()["certificates"] as readonly Record<string, unknown>[];
    const shownRows = rows.map(({ names, source, state }) => [names, source, state]);
    assert.deepEqual(shownRows, [
      [["one"], "client", "valid"],
      [["two"], "client", "valid"],
    ]);
    const until = Date.parse(new X509Certificate(two.cert).validTo) / 1000;
    const metrics = await askAdmin(gateway, "GET /metrics");
    const line = `sallyport_certificate_not_after_timestamp_seconds{name="two",source="client"} ${until}`;
    assert.ok(metrics.text.includes(line), metrics.text);
    for (const shownText of [text, (await askAdmin(gateway, "GET /config")).text]) {
      assert.doesNotMatch(shownText, /PRIVATE KEY|open sesame/);
    }
  });

  it("open tokens that are encrypted for them", async () => {
    const claims = Buffer.from(JSON.stringify({ sub: "ada", exp: Math.floor(Date.now() / 1000) + 60 }));
    const ask = async (key: Uint8Array): Promise<number> => {
      const token = await new CompactSign(claims).setProtectedHeader({ alg: "HS256" }).sign(key);
      const encrypted = await new CompactEncrypt(Buffer.from(token))
        .setProtectedHeader({ alg: "RSA-OAEP", enc: "A256CBC-HS512", kid: thumbprintOf(one) })
        .encrypt(createPublicKey(one.cert));
      const headers = { authorization: `Bearer ${encrypted}` };
      return (await call(gateway, "/encrypted", { headers })).status;
    };
    assert.equal(await ask(signingKey), 200);
    assert.equal(await ask(Buffer.alloc(32, 6)), 401);
  });

  it("are read again when their files change", async () => {
    const next = ca.issue("DNS:next.example");
    writeFileSync(join(gateway.folder, "one.key"), next.key);
    writeFileSync(join(gateway.folder, "one.pem"), next.cert);
    const deadline = Date.now() + 60_000;
    while ((await shown("/named")) !== "DNS:next.example") {
      assert.ok(Date.now() < deadline, gateway.output());
      await sleep(100);
    }
  });

  it("leave nothing of their keys and passwords in what the gateway writes", async () => {
    await gateway.stop();
    const secrets = [one, two].map(
      ({ key }) => String(createPrivateKey(key).export({ type: "pkcs8", format: "pem" })).split("\n")[1],
    );
    const written = readdirSync(gateway.data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"));
    for (const text of [gateway.output(), ...written]) {
      for (const secret of [...secrets, "open sesame"]) assert.ok(!text.includes(secret as string));
    }
    assert.ok(
      written.some((text) => text.includes("/named")),
      "the record was written",
    );
  });
});
