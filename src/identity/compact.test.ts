import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeBase64url } from "./base64url.ts";
import { maxTokenLength, parseClaims, parseCompact } from "./compact.ts";
import { encoded, joined } from "./testing/issuer.ts";

const header = { alg: "ES256" };
const good = joined(header, { sub: "a" }, "AAAA");

describe("base64url", () => {
  it("takes one spelling of each byte string only", () => {
    assert.deepEqual(decodeBase64url("Zm9v"), Buffer.from("foo"));
    assert.deepEqual(decodeBase64url("Zg"), Buffer.from("f"));
    assert.deepEqual(decodeBase64url(""), Buffer.alloc(0));
    for (const text of [
      "Zg==",
      "Zm9v ",
      " Zm9v",
      "Zm\n9v",
      "Zm+v",
      "Zm/v",
      "Z",
      "Zh",
      "Zm9vZ",
      "Zm8_=",
      "Zmé",
      "Zm9",
    ]) {
      assert.equal(decodeBase64url(text), undefined, text);
    }
  });
});

describe("compact serialization", () => {
  it("gives header and claims", () => {
    const token = parseCompact(good);
    assert.ok(token.ok);
    assert.equal(token.header["alg"], "ES256");
    assert.deepEqual(parseClaims(token), { sub: "a" });
  });

  it("refuses every other form", () => {
    const [head = "", body = "", signature = ""] = good.split(".");
    const forms = {
      empty: "",
      opaque: "2YotnFZFEjr1zCsicMWpAA",
      "two parts": `${head}.${body}`,
      "four parts": `${good}.AAAA`,
      "five parts": `${good}.AAAA.AAAA`,
      "JSON serialization": JSON.stringify({ protected: head, payload: body, signature }),
      padding: `${head}=.${body}.${signature}`,
      "white space": `${head}.${body}. ${signature}`,
      "line feed at the end": `${good}\n`,
      "bits that carry nothing": `${encoded('{"alg":"ES256" }').replace(/.$/, "R")}.${body}.${signature}`,
      "header that is a list": `${encoded("[]")}.${body}.${signature}`,
      "header twice": `${encoded('{"alg":"none","alg":"ES256"}')}.${body}.${signature}`,
      "header not UTF-8": `${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString("base64url")}.${body}.${signature}`,
      long: `${head}.${"A".repeat(maxTokenLength)}.${signature}`,
    };
    for (const [name, text] of Object.entries(forms)) {
      const parsed = parseCompact(text);
      assert.ok(!parsed.ok, name);
      assert.equal(parsed.reason, "token-malformed", name);
    }
  });

  it("refuses claims that two parsers could read differently", () => {
    for (const payload of ['{"sub":"a","sub":"b"}', '{"a":{"b":1,"b":2}}', "[]", '"x"', ""]) {
      const token = parseCompact(`${encoded('{"alg":"ES256"}')}.${encoded(payload)}.AAAA`);
      assert.ok(token.ok);
      assert.equal(parseClaims(token), undefined, payload);
    }
  });
});
