import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, verify, X509Certificate } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import type { ClientCertificate, Exchange, TlsFacts } from "#model/exchange.ts";
import { OwnCertificate } from "#model/own-certificate.ts";
import { Rsa } from "#notation/csharp/crypto/rsa.ts";
import { evaluateString } from "#policy/values.ts";
import { exchangeFor, fixedClock } from "#policy/policy.test-helper.ts";
import { opensslAbsent, TestCa, type TestCertificate } from "#upstream/certificates.test-helper.ts";

let ca: TestCa;
let client: TestCertificate;
let own: TestCertificate;
before(() => {
  if (opensslAbsent !== false) return;
  ca = new TestCa();
  client = ca.issue(
    "DNS:client.example",
    "ec",
    '/C=DE/ST=Bayern/O=Contoso, Ltd/CN=client "one"/emailAddress=a@b.example',
  );
  own = ca.issue("DNS:gateway.example", "rsa", "/CN=gateway");
});
after(() => ca?.remove());

function text(code: string, exchange: Exchange): string {
  const at = { file: "p.xml", line: 1, column: 1 };
  const source = code.startsWith("@") ? code : `@(${code})`;
  return evaluateString({ kind: "expression", expression: { language: "csharp", source, at } }, fixedClock)(exchange);
}

function withClient(certificate: TestCertificate | null): Exchange {
  const path = certificate === null ? [] : [new X509Certificate(certificate.cert).raw];
  const verified = path.length === 0 ? null : ({ path } as unknown as ClientCertificate);
  const tls: TlsFacts = {
    version: "TLSv1.3",
    cipher: "",
    serverName: null,
    certificate: verified,
    certificateProblem: null,
  };
  return exchangeFor([], { tls });
}

describe("context.Request.Certificate", { skip: opensslAbsent }, () => {
  it("is null without one, and where the connection has none that was verified", () => {
    assert.equal(text("context.Request.Certificate == null", exchangeFor()), "True");
    assert.equal(text("context.Request.Certificate == null", withClient(null)), "True");
    assert.equal(text('context.Request.Certificate?.Thumbprint ?? "none"', withClient(null)), "none");
  });

  it("prints as .NET does", () => {
    const exchange = withClient(client);
    const read = (member: string): string => text(`context.Request.Certificate.${member}`, exchange);
    const x509 = new X509Certificate(client.cert);
    assert.equal(read("Thumbprint"), x509.fingerprint.replaceAll(":", ""));
    assert.equal(read("GetCertHashString()"), x509.fingerprint.replaceAll(":", ""));
    assert.equal(read("SerialNumber"), x509.serialNumber);
    assert.equal(read("SerialNumber"), read("SerialNumber.ToUpper()"));
    assert.equal(read("Subject"), 'E=a@b.example, CN="client ""one""", O="Contoso, Ltd", S=Bayern, C=DE');
    assert.equal(read("SubjectName.Name"), read("Subject"));
    assert.equal(read("Issuer"), "CN=Test CA");
    assert.equal(read("IssuerName.Name"), "CN=Test CA");
    assert.equal(read("NotAfter > DateTime.Now"), "True");
    assert.equal(
      read("NotBefore > DateTime.Now"),
      String(Date.parse(x509.validFrom) > fixedClock.now())
        .replace(/^t/, "T")
        .replace(/^f/, "F"),
    );
    assert.equal(read("RawData.Length"), String(x509.raw.length));
    assert.equal(read("GetNameInfo(X509NameType.DnsName, false)"), "client.example");
  });

  it("is as verified as the handshake has left it, and has no key", () => {
    const exchange = withClient(client);
    for (const member of ["Verify()", "VerifyNoRevocation()"]) {
      assert.equal(text(`context.Request.Certificate.${member}`, exchange), "True");
      assert.equal(text(`new X509Certificate2(context.Request.Certificate.RawData).${member}`, exchange), "False");
    }
    assert.equal(text("context.Request.Certificate.HasPrivateKey", exchange), "False");
    assert.equal(text("context.Request.Certificate.GetRSAPrivateKey() == null", exchange), "True");
  });
});

describe("context.Deployment.Certificates", { skip: opensslAbsent }, () => {
  const withOwn = (): Exchange => {
    const exchange = withClient(client);
    const certificate = (one: TestCertificate, key: string | null): OwnCertificate =>
      new OwnCertificate("id", one.cert, "", key);
    exchange.ownCertificates = new Map([
      ["gateway", certificate(own, own.key)],
      ["partner", certificate(client, null)],
    ]);
    return exchange;
  };

  it("has them by name, for comparing with what a client has shown", () => {
    assert.equal(text("context.Deployment.Certificates.Count", exchangeFor()), "0");
    const same = "c => c.Value.Thumbprint == context.Request.Certificate.Thumbprint";
    assert.equal(text(`context.Deployment.Certificates.Any(${same})`, withOwn()), "True");
    assert.equal(text('context.Deployment.Certificates["gateway"].Subject', withOwn()), "CN=gateway");
    assert.equal(text('context.Deployment.Certificates.ContainsKey("nobody")', withOwn()), "False");
    assert.equal(text('context.Deployment.Certificates["partner"].Verify()', withOwn()), "False");
  });

  it("signs with a key that nothing shows", () => {
    const exchange = withOwn();
    const key = 'context.Deployment.Certificates["gateway"].GetRSAPrivateKey()';
    const signed = text(
      `Convert.ToBase64String(${key}.SignData(Encoding.UTF8.GetBytes("a.b"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))`,
      exchange,
    );
    assert.ok(verify("sha256", Buffer.from("a.b"), createPublicKey(own.cert), Buffer.from(signed, "base64")));
    const hidden = own.key.split("\n")[1] as string;
    for (const code of [
      'context.Deployment.Certificates["gateway"].ToString()',
      `${key}.ToString()`,
      'Encoding.UTF8.GetString(context.Deployment.Certificates["gateway"].RawData)',
      'Encoding.UTF8.GetString(context.Deployment.Certificates["gateway"].Export(X509ContentType.Pfx))',
    ]) {
      const shown = text(code, exchange);
      assert.ok(!shown.includes(hidden) && !shown.includes("PRIVATE"), code);
    }
    // A variable that holds it shows nothing of it to any language either.
    exchange.setVariable("rsa", new Rsa(createPrivateKey(own.key)));
    assert.ok(!inspect(exchange.variables, { depth: 9, showHidden: true }).includes(hidden));
    assert.ok(!text('JsonConvert.SerializeObject(context.Variables["rsa"])', exchange).includes(hidden));
    assert.equal(text('context.Deployment.Certificates["partner"].HasPrivateKey', exchange), "False");
  });
});

describe("new X509Certificate2", { skip: opensslAbsent }, () => {
  it("reads PKCS#12, as what Key Vault gives, and signs with its key", () => {
    const exchange = exchangeFor();
    exchange.setVariable("empty", Buffer.from(ca.pfx(own, "")).toString("base64"));
    exchange.setVariable("pfx", Buffer.from(ca.pfx(own, "open sesame")).toString("base64"));
    const bytes = (name: string): string => `Convert.FromBase64String((string)context.Variables["${name}"])`;
    const signed = text(
      `@{
        X509Certificate2 certificate = new X509Certificate2(${bytes("empty")}, (string)null);
        RSACng rsa = certificate.GetRSAPrivateKey() as RSACng;
        return Convert.ToBase64String(rsa.SignData(Encoding.UTF8.GetBytes("a.b"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
      }`,
      exchange,
    );
    assert.ok(verify("sha256", Buffer.from("a.b"), createPublicKey(own.cert), Buffer.from(signed, "base64")));
    const subject = `new X509Certificate2(${bytes("pfx")}, "open sesame").Subject`;
    assert.equal(text(subject, exchange), "CN=gateway");
  });

  it("says what is wrong, and nothing of what it was given", () => {
    const exchange = exchangeFor();
    exchange.setVariable("pfx", ca.pfx(own, "open sesame"));
    exchange.setVariable("junk", Buffer.alloc(100, 7));
    exchange.setVariable("long", Buffer.alloc(70_000, 7));
    const made = (name: string): string =>
      text(`new X509Certificate2((byte[])context.Variables["${name}"], "wrong-word").Subject`, exchange);
    assert.throws(
      () => made("pfx"),
      (error: Error) => {
        assert.match(error.message, /CryptographicException$/);
        assert.equal((error.cause as Error).message, "The specified network password is not correct.");
        return true;
      },
    );
    assert.throws(() => made("junk"), /CryptographicException/);
    assert.throws(() => made("long"), /CryptographicException/);
  });
});
