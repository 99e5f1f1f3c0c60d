import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect } from "node:util";
import type { NamedCertificate } from "#model/certificates.ts";
import type { EgressRequest } from "#model/ports.ts";
import { HeaderList } from "#model/header-list.ts";
import { OwnCertificates } from "#policy/own-certificates.ts";
import { cel, exchangeFor, policies, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";
import { opensslAbsent, TestCa, type TestCertificate } from "#upstream/certificates.test-helper.ts";

let ca: TestCa;
let mine: TestCertificate;
let pfx: Uint8Array;
before(() => {
  if (opensslAbsent !== false) return;
  ca = new TestCa();
  mine = ca.issue("DNS:gateway.example");
  pfx = ca.pfx(mine, "open sesame");
});
after(() => ca?.remove());

const at = { file: "sallyport.yaml", line: 1, column: 1 };
const named: NamedCertificate = {
  name: "orders-client",
  chainPem: "chain",
  key: { secret: true, value: "key" },
  thumbprint: "AB".repeat(20),
  at,
};
const alone: NamedCertificate = {
  ...named,
  name: "public",
  key: null,
  thumbprint: "CD".repeat(20),
  chainPem: "public",
};
const ports = portsWith({ ownCertificates: new OwnCertificates([named, alone]) });

function outcomeOf(args: Parameters<typeof policy>[1], exchange = exchangeFor(["x-id", "orders-client"])): string {
  const outcome = run(policy("authentication-certificate", args), exchange, { ports });
  return outcome?.kind === "refusal" ? outcome.reason : (exchange.request.certificate?.chainPem ?? "none");
}

describe("authentication-certificate", () => {
  it("chooses one of the definition, by name or by thumbprint, also a computed one", () => {
    assert.equal(outcomeOf({ certificateId: "orders-client" }), "chain");
    assert.equal(outcomeOf({ certificateId: cel('request.headers["x-id"]') }), "chain");
    assert.equal(outcomeOf({ thumbprint: "ab ".repeat(20) }), "chain");
    assert.equal(outcomeOf({ thumbprint: cel('"AB:AB:" + "ABAB".substring(0, 0)') }), "expression-failed");
  });

  it("fails where there is none, or it has no key: nothing goes out without", () => {
    assert.equal(outcomeOf({ certificateId: "nobody" }), "expression-failed");
    assert.equal(outcomeOf({ certificateId: "public" }), "expression-failed");
    assert.equal(outcomeOf({ thumbprint: "CD".repeat(20) }), "expression-failed");
    assert.equal(outcomeOf({ certificateId: "__proto__" }), "expression-failed");
  });
});

describe("a computed certificate", { skip: opensslAbsent }, () => {
  const of = (body: unknown, password = ""): ReturnType<typeof exchangeFor> => {
    const exchange = exchangeFor();
    exchange.setVariable("body", body);
    exchange.setVariable("password", password);
    return exchange;
  };
  const args = { body: cel("variables.body"), password: cel("variables.password") };

  it("is read from PKCS#12, as bytes or base64, and from PEM, once for all that are the same", () => {
    const first = of(pfx, "open sesame");
    assert.match(outcomeOf(args, first), /^-----BEGIN CERTIFICATE-----/);
    const second = of(Buffer.from(pfx).toString("base64"), "open sesame");
    outcomeOf(args, second);
    assert.equal(second.request.certificate, first.request.certificate);
    assert.match(outcomeOf(args, of(`${mine.cert}${mine.key}`)), /^-----BEGIN/);
  });

  it("that is broken, has no key, is too long or is not opened by its password is an error of the policy", () => {
    for (const [body, password] of [
      [pfx, "wrong"],
      [pfx.subarray(0, 500), "open sesame"],
      [mine.cert, ""],
      [mine.key, ""],
      ["", ""],
      [new Uint8Array(70_000), ""],
    ] as const) {
      const exchange = of(body, password);
      const outcome = run(policy("authentication-certificate", args), exchange, { ports });
      assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
      assert.doesNotMatch(inspect(outcome, { depth: 9 }), /PRIVATE|open sesame|wrong/);
      assert.equal(exchange.request.certificate, null);
    }
  });

  it("is remembered within bounds, with its failures", () => {
    const own = new OwnCertificates([]);
    const first = own.read(pfx, "open sesame");
    assert.equal(own.read(pfx, "open sesame"), first);
    for (let count = 0; count < 64; count += 1) assert.throws(() => own.read(Buffer.from(`${count}`), ""));
    assert.notEqual(own.read(pfx, "open sesame"), first);
  });

  it("shows its key to no way of printing", () => {
    const own = new OwnCertificates([]).read(pfx, "open sesame");
    for (const text of [inspect(own, { depth: 9, showHidden: true }), JSON.stringify(own), String(own)]) {
      assert.doesNotMatch(text, /PRIVATE KEY/);
    }
    assert.match(own.revealKey() ?? "", /PRIVATE KEY/);
  });
});

describe("authentication-certificate in send-request", () => {
  it("is of that call alone", async () => {
    const asked: EgressRequest[] = [];
    const fetch = async (
      request: EgressRequest,
    ): Promise<{ status: number; headers: HeaderList; body: Uint8Array }> => {
      asked.push(request);
      return { status: 200, headers: new HeaderList(), body: new Uint8Array(0) };
    };
    const node = policy("send-request", {
      mode: "new",
      timeout: 1000,
      ignoreError: false,
      responseVariable: "r",
      policies: policies(
        policy("set-url", { url: "https://o.example/" }),
        policy("authentication-certificate", { certificateId: "orders-client" }),
      ),
    });
    const exchange = exchangeFor();
    assert.equal(await start([node], exchange, { ports: { ...ports, egress: { fetch } } }), undefined);
    assert.equal(asked[0]?.certificate?.chainPem, "chain");
    assert.equal(exchange.request.certificate, null);
  });
});
