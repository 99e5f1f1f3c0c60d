import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ClientCertificate } from "#model/exchange.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const certificate: ClientCertificate = {
  subject: "CN=orders, O=Example\\, Inc., C=DE",
  issuer: "CN=Partners CA,O=Example",
  serial: "0a1b",
  fingerprint: "ab".repeat(32),
  thumbprint: "cd".repeat(20),
  dnsNames: ["orders.example.com"],
  uris: [],
  emails: [],
  notAfter: 0,
};

type Args = Parameters<typeof policy>[1];

function resultOf(args: Args, sent: ClientCertificate | null = certificate, problem: string | null = null): string {
  const tls = { version: "", cipher: "", serverName: null, certificate: sent, certificateProblem: problem };
  const outcome = run(policy("validate-client-certificate", args), exchangeFor([], { tls }));
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

  it("does not link with what it cannot compare", () => {
    assert.throws(() => of({ issuerThumbprint: "ab" }), /cannot compare issuerThumbprint/);
  });
});
