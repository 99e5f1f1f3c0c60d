import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Value } from "#model/policy-tree.ts";
import { cel, exchangeFor, fixedClock, template } from "#policy/policy.test-helper.ts";
import { type CallUrl, evaluateCallUrl } from "./call-url.ts";

function urlOf(value: ReturnType<typeof cel>, path = "/x"): CallUrl {
  return evaluateCallUrl(value as Value, fixedClock)(exchangeFor([], { path }));
}

describe("the URL of a call", () => {
  it("is declared when it, or its host, stands in the definition", () => {
    const literal = { kind: "literal", value: "https://a.example/b?c=1" } as const;
    assert.deepEqual(urlOf(literal), { url: "https://a.example/b?c=1", declared: true });
    assert.deepEqual(urlOf(template("https://a.example/u/", '"7"', "?q=", '"a b"')), {
      url: "https://a.example/u/7?q=a%20b",
      declared: true,
    });
  });

  it("is computed when any of its host is", () => {
    assert.equal(urlOf(cel('"https://a.example/b"')).declared, false);
    assert.equal(urlOf(template("https://", '"a.example"', "/b")).declared, false);
    assert.equal(urlOf(template("https://a.example", '"/b"')).declared, false);
    assert.equal(urlOf(template("https://a.example:", '"81"', "/b")).declared, false);
  });

  it("keeps what a computed part holds within its place", () => {
    const inPath = (text: string): string => urlOf(template("https://a.example/u/", "request.path"), text).url;
    assert.equal(inPath("b?c#d"), "https://a.example/u/b%3Fc%23d");
    assert.equal(inPath("b\r\nX: y"), "https://a.example/u/b%0D%0AX:%20y");
    assert.equal(inPath("\\evil"), "https://a.example/u/%5Cevil");
    for (const text of ["../admin", "..", "a/%2e%2E/b", "./x", "a/.%2e"]) {
      assert.throws(() => inPath(text), /dot-segment/, text);
    }
    assert.equal(
      urlOf(template("https://a.example/?next=", "request.path"), "/../x#y").url,
      "https://a.example/?next=/../x%23y",
    );
  });

  it("names no user, and speaks http", () => {
    for (const text of ["https://me:pw@a.example/", "ftp://a.example/", "/b", "https://", "file:///etc/passwd"]) {
      assert.throws(() => urlOf(cel(JSON.stringify(text))), /no absolute/, text);
    }
  });
});
