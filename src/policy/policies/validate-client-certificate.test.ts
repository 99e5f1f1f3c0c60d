import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { describe, it } from "node:test";
import type { NamedCertificate } from "#model/certificates.ts";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { Refusal } from "#model/decision.ts";
import type { ClientCertificate, Exchange } from "#model/exchange.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { OwnCertificates } from "#policy/own-certificates.ts";
import { cel, exchangeFor, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";

const certificate: ClientCertificate = {
  subject: "CN=orders, O=Example\\, Inc., C=DE",
  issuer: "CN=Partners CA,O=Example",
  serial: "0a1b",
  issuerKeyId: "",
  fingerprint: "ab".repeat(32),
  thumbprint: "cd".repeat(20),
  dnsNames: ["orders.example.com"],
  uris: [],
  emails: [],
  notAfter: 0,
  path: [],
};

type Args = Parameters<typeof policy>[1];

const good: CertificateStatus = { status: "good", detail: "", until: 0 };

function exchangeWith(sent: ClientCertificate | null, problem: string | null = null): Exchange {
  const tls = { version: "", cipher: "", serverName: null, certificate: sent, certificateProblem: problem };
  return exchangeFor([], { tls });
}

function portsSaying(status: CertificateStatus | Promise<CertificateStatus>): PolicyPorts {
  return portsWith({ certificateStatuses: { of: () => status } });
}

function resultOf(args: Args, sent: ClientCertificate | null = certificate, problem: string | null = null): string {
  const nodes = [policy("validate-client-certificate", args)];
  const outcome = start(nodes, exchangeWith(sent, problem), { ports: portsSaying(good) });
  assert.ok(!(outcome instanceof Promise));
  return outcome?.kind === "refusal" ? outcome.reason : "passed";
}

const of = (identity: Readonly<Record<string, string>>): string => resultOf({ identities: [identity] });

describe("validate-client-certificate", () => {
  it("takes a certificate that the handshake has verified, and nothing else", () => {
    assert.equal(resultOf({}), "passed");
    assert.equal(resultOf({}, null), "certificate-required");
    assert.equal(resultOf({}, null, "CERT_HAS_EXPIRED"), "certificate-not-trusted");
    assert.equal(resultOf({ validateTrust: false, validateNotAfter: false }, null, "x"), "certificate-not-trusted");
    const plain = run(policy("validate-client-certificate"), exchangeFor());
    assert.equal(plain?.kind === "refusal" && plain.reason, "certificate-required");
  });

  it("goes on where errors are ignored", () => {
    assert.equal(resultOf({ ignoreError: true }, null), "passed");
    assert.equal(resultOf({ ignoreError: cel("false") }, null), "certificate-required");
  });

  it("compares what identities say, in the spellings that are usual", () => {
    for (const identity of [
      { thumbprint: "CD".repeat(20) },
      { thumbprint: Array.from({ length: 20 }, () => "cd").join(":") },
      { serialNumber: "A1B" },
      { commonName: "orders" },
      { subject: 'CN=orders, O="Example, Inc.", C=DE' },
      { subject: "cn=orders,o=Example\\, Inc.,c=DE" },
      { dnsName: "ORDERS.example.com" },
      { issuerSubject: "CN=Partners CA, O=Example" },
      { commonName: "orders", issuerSubject: "CN=Partners CA, O=Example" },
    ]) {
      assert.equal(of(identity as Readonly<Record<string, string>>), "passed", JSON.stringify(identity));
    }
  });

  it("needs all of one identity, and one of all", () => {
    for (const identity of [
      { thumbprint: "ab".repeat(32) },
      { commonName: "order" },
      { commonName: "Orders" },
      { subject: "CN=orders" },
      { subject: "C=DE, O=Example\\, Inc., CN=orders" },
      { dnsName: "example.com" },
      { commonName: "orders", dnsName: "other.example.com" },
      {},
    ]) {
      assert.equal(
        of(identity as Readonly<Record<string, string>>),
        "certificate-not-allowed",
        JSON.stringify(identity),
      );
    }
    assert.equal(resultOf({ identities: [{ commonName: "x" }, { commonName: "orders" }] }), "passed");
  });

  it("refuses what was revoked, and what nobody knows of, and says which", async () => {
    const asked = async (status: CertificateStatus["status"], args: Args = {}): Promise<string> => {
      const said = { status, detail: "CN=orders: it was lost", until: 0 };
      const nodes = [policy("validate-client-certificate", args)];
      const atOnce = await start(nodes, exchangeWith(certificate), { ports: portsSaying(said) });
      const later = await start(nodes, exchangeWith(certificate), { ports: portsSaying(Promise.resolve(said)) });
      assert.deepEqual(later, atOnce);
      return atOnce?.kind === "refusal" ? `${atOnce.reason}, ${atOnce.detail}` : "passed";
    };
    assert.equal(await asked("good"), "passed");
    assert.equal(await asked("revoked"), "certificate-revoked, CN=orders: it was lost");
    assert.equal(await asked("unknown"), "certificate-status-unknown, CN=orders: it was lost");
    for (const status of ["revoked", "unknown"] as const) {
      assert.equal(await asked(status, { validateRevocation: false }), "passed");
      assert.equal(await asked(status, { validateRevocation: cel("request.method != request.method") }), "passed");
      assert.equal(await asked(status, { ignoreError: true }), "passed");
    }
  });

  it("asks nobody about a certificate that may not pass in any case", () => {
    const statuses = {
      of: (): never => {
        throw new Error("asked");
      },
    };
    const nodes = [policy("validate-client-certificate", { identities: [{ commonName: "x" }] })];
    const ports = portsWith({ certificateStatuses: statuses });
    const outcome = start(nodes, exchangeWith(certificate), { ports }) as Refusal;
    assert.equal(outcome.reason, "certificate-not-allowed");
  });

  it("does not link with what it cannot compare", () => {
    assert.throws(() => of({ issuerThumbprint: "ab" }), /cannot compare issuerThumbprint/);
  });
});

describe("an identity by its issuer", { skip: opensslAbsent }, () => {
  it("is whoever that certificate of the definition has signed, and no namesake", () => {
    const [mine, namesake] = [new TestCa(), new TestCa()];
    const owned = (pem: string, name: string): NamedCertificate => {
      const thumbprint = new X509Certificate(pem).fingerprint.replaceAll(":", "");
      return { name, chainPem: pem, key: null, thumbprint, at: { file: "", line: 1, column: 1 } };
    };
    const own = [owned(mine.pem, "partners")];
    const ports = portsWith({
      certificateStatuses: { of: () => good },
      ownCertificates: new OwnCertificates(own),
    });
    const asked = (ca: TestCa, identity: Readonly<Record<string, string>>): string => {
      const path = [new X509Certificate(ca.issue("DNS:client.example").cert).raw];
      const nodes = [policy("validate-client-certificate", { identities: [identity] })];
      const outcome = start(nodes, exchangeWith({ ...certificate, path }), { ports });
      assert.ok(!(outcome instanceof Promise));
      return outcome?.kind === "refusal" ? outcome.reason : "passed";
    };
    try {
      const thumbprint = (own[0] as NamedCertificate).thumbprint;
      assert.equal(asked(mine, { issuerCertificateId: "partners" }), "passed");
      assert.equal(asked(namesake, { issuerCertificateId: "partners" }), "certificate-not-allowed");
      assert.equal(asked(mine, { issuerThumbprint: thumbprint.toLowerCase() }), "passed");
      assert.equal(asked(namesake, { issuerThumbprint: thumbprint }), "certificate-not-allowed");
      assert.equal(asked(mine, { issuerCertificateId: "partners", dnsName: "x" }), "certificate-not-allowed");
      assert.throws(() => asked(mine, { issuerCertificateId: "nobody" }), /cannot compare issuerCertificateId/);
      assert.throws(() => asked(mine, { issuerThumbprint: "AB".repeat(20) }), /cannot compare issuerThumbprint/);
    } finally {
      mine.remove();
      namesake.remove();
    }
  });
});
