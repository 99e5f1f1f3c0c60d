import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { compareAnswers } from "./compare-answers.ts";
import type { DifferenceKind } from "./difference.ts";
import { explain } from "./explain.ts";
import { tellPlace } from "./tell-place.ts";
import { type Ignored, nothingIgnored, type SeenAnswer } from "./seen-answer.ts";

const get = { method: "GET", path: "/orders" };
const json = ["Content-Type", "application/json"];

function answer(body: unknown, headers: readonly string[] = json, status = 200): SeenAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, headers, body: Buffer.from(text), isCut: false };
}

function differ(old: SeenAnswer, fresh: SeenAnswer, ignored: Ignored = nothingIgnored): readonly string[] {
  return compareAnswers(get, old, fresh, ignored).map(({ kind, place }) => `${kind} ${place}`.trim());
}

describe("two answers to one request", () => {
  it("are the same whatever is of the connection, of the moment or of the spelling", () => {
    const old = answer({ a: 1, b: [{ c: "x" }] }, [...json, "Date", "one", "Server", "old", "Vary", "Accept , Origin"]);
    const moment = ["date", "two", "via", "1.1 x", "x-request-id", "7"];
    const fields = ["content-type", "application/json", ...moment, "vary", "Accept", "vary", "Origin"];
    const fresh = answer('{ "b": [ { "c": "x" } ], "a": 1 }', fields);
    assert.deepEqual(differ(old, fresh), []);
  });

  it("with another status are not looked at further", () => {
    const found = compareAnswers(get, answer({}), answer("no", [], 404), nothingIgnored);
    assert.deepEqual(found, [{ kind: "status", place: "", old: "200", fresh: "404" }]);
    assert.match(explain(found[0]!).fix ?? "", /no API or operation/);
  });

  it("differ in headers and cookies, whose values are not shown", () => {
    const old = answer({}, [
      ...json,
      "ETag",
      "1",
      "X-Old",
      "y",
      "Set-Cookie",
      "s=secret; Path=/; Secure",
      "Location",
      "/?code=secret",
    ]);
    const fresh = answer({}, [...json, "ETag", "2", "X-New", "z", "Set-Cookie", "s=other; Path=/", "Location", "/"]);
    const found = compareAnswers(get, old, fresh, nothingIgnored);
    assert.deepEqual(found.map(({ kind, place }) => `${kind} ${place}`).toSorted(), [
      "cookie-attributes s",
      "header-added x-new",
      "header-missing x-old",
      "header-value etag",
      "redirect location",
    ]);
    assert.doesNotMatch(JSON.stringify([found, found.map(explain)]), /secret|s=other/);
    const ignored = { headers: new Set(["etag", "x-old", "x-new", "set-cookie", "location"]), fields: [] };
    assert.deepEqual(differ(old, fresh, ignored), []);
  });

  const bodies: readonly (readonly [DifferenceKind, string, unknown, unknown])[] = [
    ["field-missing", "/b", { a: 1, b: { c: { d: 1 } } }, { a: 1 }],
    ["field-added", "/items/*/n", { items: [{ a: 1 }] }, { items: [{ a: 1, n: 2 }] }],
    ["field-type", "/a", { a: 1 }, { a: "1" }],
    ["field-type", "", [1], { a: 1 }],
    ["field-value", "/a~1b", { "a/b": 1 }, { "a/b": 2 }],
    ["field-value", "/l/*", { l: [1, 2, 3] }, { l: [1, 3, 2] }],
    ["items", "/l", { l: [1] }, { l: [1, 2] }],
    ["body-kind", "", { a: 1 }, "<html>"],
  ];
  for (const [kind, place, old, fresh] of bodies) {
    it(`differ in the body: ${kind} ${place}`, () => {
      assert.deepEqual(differ(answer(old), answer(fresh)), [`${kind} ${place}`.trim()]);
    });
  }

  it("an empty list says nothing of its items", () => {
    assert.deepEqual(differ(answer({ l: [] }), answer({ l: [{ deep: { er: 1 } }] })), ["items /l"]);
  });

  it("do not differ in fields that are ignored, wherever they stand", () => {
    const [old, fresh] = [answer({ l: [{ at: 1, v: 2 }], m: 1 }), answer({ l: [{ at: 2, v: 2 }] })];
    assert.deepEqual(differ(old, fresh, { headers: new Set(), fields: ["/l/*/at", "/m"] }), []);
    assert.deepEqual(differ(old, fresh, { headers: new Set(), fields: ["/l/*/at"] }), ["field-missing /m"]);
  });

  it("that are cut are compared as far as they are there", () => {
    const cut = (text: string): SeenAnswer => ({ ...answer(text, []), isCut: true });
    assert.deepEqual(differ(cut("abc"), cut("abcd")), []);
    assert.deepEqual(differ(cut("abc"), cut("abx")), ["body-content"]);
    assert.deepEqual(differ(cut("abc"), answer("abc", [])), ["body-length"]);
  });

  it("differ in how a field is spelled, and how often it comes; the order of a set is none", () => {
    const plain = (...fields: string[]): SeenAnswer => answer("same", fields);
    assert.deepEqual(differ(plain("X-A", "Yes"), plain("x-a", "yes")), ["header-case x-a"]);
    assert.deepEqual(differ(plain("X-A", "1, 2"), plain("X-A", "1", "X-A", "2")), ["header-count x-a"]);
    assert.deepEqual(differ(plain("Allow", "GET, HEAD"), plain("Allow", "HEAD,GET")), []);
    for (const kind of ["header-case", "header-count"] as const) {
      assert.match(explain({ kind, place: "x-a", old: "a", fresh: "b" }).text, /x-a .*a .*b /);
    }
  });

  it("are told without the values of fields that could be secrets", () => {
    const old = answer("same", ["X-Token", "secret-1", "Cache-Control", "no-store"]);
    const fresh = answer("same", ["X-Token", "secret-2", "X-More", "secret-3"]);
    const found = compareAnswers(get, old, fresh, nothingIgnored);
    assert.deepEqual(
      found.map((one) => explain(one).text),
      [
        "x-token has another value",
        "the new gateway does not send cache-control: no-store",
        "the new gateway sends x-more, which the old one does not",
      ],
    );
    assert.doesNotMatch(JSON.stringify(found), /secret/);
  });

  it("lead elsewhere, or nowhere, without telling what stands in a query", () => {
    const to = (status: number, location: string): SeenAnswer => answer("", ["Location", location], status);
    assert.deepEqual(differ(to(302, "/login"), to(302, "https://gateway.test/login")), []);
    const [found] = compareAnswers(get, to(302, "/login?code=secret"), to(302, "/users/4711"), nothingIgnored);
    assert.deepEqual(found, { kind: "redirect", place: "location", old: "to /login?…", fresh: "to /users/{id}" });
    assert.match(explain(found).text, /leads to \/login\?…, the new one to \/users/);
    const [slash] = compareAnswers(get, to(301, "/orders/"), answer("", [], 404), nothingIgnored);
    assert.deepEqual(explain(slash!), {
      text: "the old gateway answers 301 to the path with a slash, the new one 404",
      fix: "add a redirect to the path with a slash, or an operation for this one",
    });
    const asked = { method: "GET", path: "/orders/" };
    const [bare] = compareAnswers(asked, to(308, "/orders"), answer("", [], 404), nothingIgnored);
    assert.match(explain(bare!).fix ?? "", /without the slash/);
  });

  it("differ in the names of XML, not in its text, prefixes or order", () => {
    const xml = (text: string): SeenAnswer => answer(text, ["Content-Type", "application/soap+xml; charset=utf-8"]);
    assert.deepEqual(
      differ(xml("<a><b x='1'/><c>1</c></a>"), xml("<n:a xmlns:n='u'><n:c>2</n:c><n:b x='2'/></n:a>")),
      [],
    );
    assert.deepEqual(differ(xml("<a><b x='1'/></a>"), xml("<a><d/></a>")), [
      "element-missing /a/b",
      "element-missing /a/b/@x",
      "element-added /a/d",
    ]);
    assert.deepEqual(differ(xml("<a><b></a>"), xml("<a/>")), ["body-length"]);
    const bomb = "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>";
    assert.deepEqual(differ(xml(bomb), xml(bomb.replace("'x'", "'y'"))), ["body-content"]);
  });

  it("of JSON that is nested without end are compared byte for byte", () => {
    const deep = (inmost: string): SeenAnswer => answer(`${"[".repeat(30_000)}${inmost}${"]".repeat(30_000)}`);
    assert.deepEqual(differ(deep("1"), deep("1")), []);
    assert.deepEqual(differ(deep("1"), deep("2")), ["body-content"]);
  });

  it("are told without names that are data", () => {
    const old = answer({ users: { "ann@example.com": { a: 1 }, "4711": 1, name: 1 } });
    const told = compareAnswers(get, old, answer({ users: {} }), nothingIgnored).map(tellPlace);
    assert.deepEqual(
      told.map(({ place }) => place),
      ["/users/{key}", "/users/{key}", "/users/name"],
    );
  });

  it("one that is missing is told with why", () => {
    const found = compareAnswers(get, { problem: "connection refused" }, answer({}), nothingIgnored);
    assert.deepEqual(found, [{ kind: "no-answer", place: "", old: "connection refused", fresh: "200" }]);
  });

  it("every kind of difference has words", () => {
    for (const [kind, place, old, fresh] of bodies) {
      const [found] = compareAnswers(get, answer(old), answer(fresh), nothingIgnored);
      assert.equal(found?.kind, kind);
      assert.ok(explain(found!).text.includes(place === "" ? "" : place));
    }
  });
});

/** Documents of a seed: a difference is found exactly where one was put. */
describe("documents in which one thing was changed", () => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const make = (depth: number): unknown => {
    const kind = random(depth > 3 ? 3 : 5);
    if (kind === 0) return random(100);
    if (kind === 1) return `t${random(100)}`;
    if (kind === 2) return random(2) === 0;
    if (kind === 3) return Array.from({ length: 1 + random(3) }, () => make(depth + 1));
    return Object.fromEntries(Array.from({ length: 1 + random(3) }, (_, at) => [`m${at}`, make(depth + 1)]));
  };

  it("are the same as themselves, and differ when a member is put beside them", () => {
    for (let round = 0; round < 500; round += 1) {
      const document = { root: make(0) };
      assert.deepEqual(differ(answer(document), answer(structuredClone(document))), []);
      assert.deepEqual(differ(answer(document), answer({ ...document, more: 1 })), ["field-added /more"]);
      assert.deepEqual(differ(answer({ ...document, more: 1 }), answer(document)), ["field-missing /more"]);
      assert.deepEqual(differ(answer({ ...document, v: 1 }), answer({ ...document, v: 2 })), ["field-value /v"]);
    }
  });
});
