import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import { compileSnapshot } from "#compile/compile.ts";
import type { Definition } from "#model/definition.ts";
import { opensslAbsent, TestCa, type TestCertificate } from "#upstream/certificates.test-helper.ts";
import { loadText, type LoadTestOptions } from "./fixture.test-helper.ts";

let ca: TestCa;
let mine: TestCertificate;
before(() => {
  if (opensslAbsent !== false) return;
  ca = new TestCa();
  mine = ca.issue("DNS:gateway.example");
});
after(() => ca?.remove());

interface Read {
  readonly definition: Definition | null;
  /** `code: message` */
  readonly problems: readonly string[];
}

async function read(certificates: string, options: LoadTestOptions = {}, rest = ""): Promise<Read> {
  const text = `version: 1\napis: { a: { path: /a, access: public } }\ncertificates: ${certificates}\n${rest}`;
  const { definition, diagnostics } = await loadText(text, options);
  return { definition, problems: diagnostics.map(({ code, message }) => `${code}: ${message}`) };
}

const pair = (): LoadTestOptions => ({ files: { "c.pem": mine.cert, "k.pem": mine.key } });

describe("certificates", { skip: opensslAbsent }, () => {
  it("come from PEM files, or from PKCS#12 in a file or in the environment", async () => {
    const file = ca.pfx(mine, "open sesame");
    const variables = { PASSWORD: "open sesame", PFX: Buffer.from(file).toString("base64"), PEM: mine.cert + mine.key };
    const { definition, problems } = await read(
      `
  pem: { certificate: c.pem, key: { file: k.pem } }
  pfx: { pfx: { file: c.pfx }, password: { env: PASSWORD } }
  env: { pfx: { env: PFX }, password: { env: PASSWORD } }
  both: { pfx: { env: PEM } }
  public: { certificate: c.pem }`,
      { files: { ...pair().files, "c.pfx": file }, variables },
    );
    assert.deepEqual(problems, []);
    const [pem, pfx, env, both, alone] = definition?.namedCertificates ?? [];
    assert.match(pem?.thumbprint ?? "", /^[0-9A-F]{40}$/);
    assert.deepEqual([pfx?.key, pfx?.chainPem], [pem?.key, pem?.chainPem]);
    assert.deepEqual([env?.key, env?.thumbprint], [pem?.key, pem?.thumbprint]);
    assert.deepEqual([both?.key, both?.thumbprint], [pem?.key, pem?.thumbprint]);
    assert.equal(alone?.key, null);
    // A reload watches them.
    assert.ok(definition?.files.includes("/gateway/c.pfx"));
  });

  it("are one or the other, and whole", async () => {
    const bad = async (text: string): Promise<string> => String((await read(`{ a: ${text} }`, pair())).problems);
    assert.match(await bad("{ key: { file: k.pem } }"), /^value-invalid: the certificate a comes from one place/);
    assert.match(await bad("{ certificate: c.pem, pfx: { file: c.pem } }"), /comes from one place/);
    assert.match(await bad("{ pfx: { file: absent.pfx } }"), /^file-unreadable/);
    assert.match(await bad("{ certificate: k.pem }"), /^value-invalid: k.pem holds no certificate/);
    assert.match(
      await bad("{ certificate: c.pem, key: { file: c.pem } }"),
      /^certificate-invalid: the key of a cannot/,
    );
    assert.match(await bad("{ certificate: c.pem, key: { env: NOPE } }"), /^secret-missing/);
  });

  it("with a password that does not open them, or a key of another, are errors without a word of either", async () => {
    const files = { "c.pfx": ca.pfx(mine, "open sesame"), "c.pem": mine.cert, "k.pem": ca.issue("DNS:other").key };
    const variables = { PASSWORD: "wrong-password", JUNK: "%%%" };
    const { problems } = await read(
      "{ a: { pfx: { file: c.pfx }, password: { env: PASSWORD } }, b: { certificate: c.pem, key: { file: k.pem } }, c: { pfx: { env: JUNK } } }",
      { files, variables },
    );
    assert.deepEqual(problems, [
      "certificate-invalid: the password does not open the pfx of a",
      "certificate-key: the key of b does not belong to its certificate",
      "value-invalid: what env JUNK holds is no base64, and no PEM",
    ]);
    assert.doesNotMatch(inspect(problems), /wrong-password|%%%|PRIVATE/);
  });

  it("that have expired, or are not valid yet, are a warning", async () => {
    const certificates = "{ a: { certificate: c.pem, key: { file: k.pem } } }";
    const later = await read(certificates, { ...pair(), now: Date.now() + 30 * 86_400_000 });
    assert.match(String(later.problems), /^certificate-expired: the certificate a expired on/);
    assert.ok(later.definition !== null);
    const earlier = await read(certificates, { ...pair(), now: Date.now() - 30 * 86_400_000 });
    assert.match(String(earlier.problems), /^certificate-expired: the certificate a is not valid before/);
  });

  it("leave nothing of a key in what is compared, and the hash does not tell it", async () => {
    const { definition } = await read("{ a: { certificate: c.pem, key: { file: k.pem } } }", pair());
    assert.ok(definition !== null);
    const { hash } = compileSnapshot(definition);
    const [one] = definition.namedCertificates;
    assert.ok(one !== undefined);
    const other = { ...definition, namedCertificates: [{ ...one, key: { secret: true, value: "another" } as const }] };
    assert.equal(compileSnapshot(other).hash, hash);
  });
});

describe("whoever names a certificate", { skip: opensslAbsent }, () => {
  const policy = (text: string): string => `policies: { inbound: [ { authentication-certificate: ${text} } ] }\n`;
  const two = "{ mine: { certificate: c.pem, key: { file: k.pem } }, public: { certificate: c.pem } }";

  it("must find it, with a key", async () => {
    const problems = async (text: string): Promise<string> => String((await read(two, pair(), policy(text))).problems);
    assert.equal(await problems("{ certificateId: mine }"), "");
    assert.match(await problems("{ certificateId: mien }"), /^reference-unknown: there is no certificate mien/);
    assert.match(await problems("{ certificateId: public }"), /^certificate-key: the certificate public has no key/);
    assert.match(await problems(`{ thumbprint: "${"AB".repeat(20)}" }`), /^reference-unknown: no certificate has/);
    assert.match(await problems("{ certificateId: mine, password: x }"), /^argument-invalid: .*is that of body/);
  });

  it("may be an identity of clients, by the issuer", async () => {
    const identity = (text: string): Promise<Read> =>
      read(
        two,
        { files: { ...pair().files, "ca.pem": ca.pem } },
        `edge: { clientCertificates: { ca: ca.pem } }\npolicies: { inbound: [ { validate-client-certificate: { identities: [ ${text} ] } } ] }\n`,
      );
    assert.deepEqual((await identity("{ issuerCertificateId: public }")).problems, []);
    assert.match(
      String((await identity("{ issuerCertificateId: nobody }")).problems),
      /there is no certificate nobody/,
    );
    const unknown = await identity(`{ issuerThumbprint: "${"AB".repeat(20)}" }`);
    assert.match(String(unknown.problems), /^reference-unknown: no certificate has the thumbprint/);
  });

  it("may write a thumbprint as Windows shows it", async () => {
    const { definition } = await read("{ mine: { certificate: c.pem, key: { file: k.pem } } }", pair());
    const thumbprint = definition?.namedCertificates[0]?.thumbprint ?? "";
    const shown = `\u200e${thumbprint.toLowerCase().replaceAll(/(..)/g, "$1 ").trim()}`;
    const found = await read(
      "{ mine: { certificate: c.pem, key: { file: k.pem } } }",
      pair(),
      policy(`{ thumbprint: "${shown}" }`),
    );
    assert.deepEqual(found.problems, []);
  });

  it("may be a backend, which then has it as its own", async () => {
    const backend = (tls: string): string => `backends: { b: { url: "https://b.example", tls: ${tls} } }\n`;
    const { definition, problems } = await read(two, pair(), backend("{ clientCertificate: mine }"));
    assert.deepEqual(problems, []);
    const { tls } = definition?.backends[0] ?? {};
    assert.equal(tls?.certificate, definition?.namedCertificates[0]?.chainPem);
    assert.equal(tls?.keyPem, definition?.namedCertificates[0]?.key?.value);
    const twice = await read(two, pair(), backend("{ clientCertificate: mine, certificate: c.pem }"));
    assert.match(String(twice.problems), /tls of b names a certificate twice/);
    const unknown = await read(two, pair(), backend("{ clientCertificate: nobody }"));
    assert.match(String(unknown.problems), /there is no certificate nobody/);
  });
});
