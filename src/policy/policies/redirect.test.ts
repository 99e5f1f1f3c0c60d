import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Argument } from "#model/policy-tree.ts";
import { redirect as spec } from "#notation/catalogue/redirect.ts";
import { cel, exchangeFor, policy, portsWith, template } from "#policy/policy.test-helper.ts";
import { linkSingle } from "#policy/link.ts";
import { runSection } from "#policy/runner.ts";

const parameters = (value: string): Readonly<Record<string, string>> => ({ x: value });

/** The Location, or the reason of the refusal. */
function locationOf(to: Argument, value: string = ""): string {
  const exchange = exchangeFor([], { path: "/a/b", query: "q=1&r=%202", host: "shop.example" });
  exchange.parameters = parameters(value);
  const step = linkSingle(policy("redirect", { to }), "operation", "inbound", portsWith());
  const outcome = runSection([step], exchange);
  assert.ok(outcome !== undefined && !(outcome instanceof Promise));
  return outcome.kind === "answer" ? (outcome.headers.get("location") ?? "") : outcome.reason;
}

const x = 'parameters["x"]';

describe("redirect", () => {
  it("goes to what is written, with path and query of the request", () => {
    assert.equal(locationOf({ kind: "literal", value: "/new" }), "/new");
    assert.equal(locationOf(template("https://new.example", "request.path")), "https://new.example/a/b");
    const whole = template("https://", "request.host", ":8443", "request.path", "?", "request.queryString");
    assert.equal(locationOf(whole), "https://shop.example:8443/a/b?q=1&r=%202");
    assert.equal(locationOf(template("https://www.", "request.host", "/x")), "https://www.shop.example/x");
  });

  it("encodes what no URL has, so that a value ends neither the field nor its part", () => {
    assert.equal(locationOf(template("/items/", x), "a b\r\nSet-Cookie: c=1"), "/items/a%20b%0D%0ASet-Cookie:%20c=1");
    assert.equal(locationOf(template("/items/", x), "é?a#b\\"), "/items/%C3%A9%3Fa%23b%5C");
    assert.equal(locationOf(template("/s?q=", x), "a#b&c"), "/s?q=a%23b&c");
    assert.equal(locationOf(template("/items/", x), "100%"), "/items/100%25");
  });

  for (const evil of [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "///evil.example/",
  ]) {
    it(`a computed ${JSON.stringify(evil)} stays on this host`, () => {
      for (const to of [cel(x), template("/", x)]) {
        const location = locationOf(to, evil);
        if (location === "expression-failed") continue;
        assert.equal(URL.parse(location, "https://here.example")?.host, "here.example", location);
      }
    });
  }

  for (const evil of [".evil.example", "@evil.example", ":80@evil.example", "evil.example", "%2eevil.example"]) {
    it(`behind a host, ${evil} makes no other host`, () => {
      const location = locationOf(template("https://good.example", x), evil);
      assert.equal(URL.parse(location)?.host, "good.example", location);
    });
  }

  it("a computed target with a host of its own is refused", () => {
    for (const evil of ["https://evil.example/", "javascript:alert(1)", "evil"]) {
      assert.equal(locationOf(cel(x), evil), "expression-failed", evil);
    }
  });

  it("is refused at load for other schemes, other hosts in disguise, and computed hosts", () => {
    const literal = (value: string): Argument => ({ kind: "literal", value });
    for (const to of [
      literal("//evil.example"),
      literal("/\\evil.example"),
      literal("javascript:alert(1)"),
      literal("new"),
      template("https://", x, "/"),
      template("ftp://a/", x),
    ]) {
      assert.equal(spec.check?.({ to })?.argument, "to", JSON.stringify(to));
    }
    assert.equal(spec.check?.({ to: literal("/a"), status: { kind: "literal", value: 304 } })?.argument, "status");
    for (const to of [
      literal("/a"),
      literal("https://a.example"),
      template("https://", "request.host", "/a"),
      cel(x),
    ]) {
      assert.equal(spec.check?.({ to }), undefined);
    }
  });
});
