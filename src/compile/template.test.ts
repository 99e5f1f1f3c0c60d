import assert from "node:assert/strict";
import { it } from "node:test";
import { literalSegment } from "./literal-segment.ts";
import { joinTemplate, parseTemplate, pathLength } from "./template.ts";

it("a literal has the spelling of normalised paths", () => {
  const spelled = {
    "plain-._~!$&'()*+,=:@": "plain-._~!$&'()*+,=:@",
    café: "caf%C3%A9",
    "caf%c3%a9": "caf%C3%A9",
    "%41%7e": "A~",
    "a b;c": "a%20b%3Bc",
    "1%2b1": "1%2B1",
    "100%": "100%25",
    "😀": "%F0%9F%98%80",
  };
  for (const [text, expected] of Object.entries(spelled)) assert.equal(literalSegment(text), expected);
});

it("joins an API's path and a template", () => {
  assert.equal(joinTemplate("/", "/"), "/");
  assert.equal(joinTemplate("/", "/a"), "/a");
  assert.equal(joinTemplate("/a/b", "/"), "/a/b");
  assert.equal(joinTemplate("/a", "/{x}/"), "/a/{x}/");
});

it("reads literals, parameters, the rest and a trailing slash", () => {
  assert.deepEqual(parseTemplate("/"), []);
  assert.deepEqual(parseTemplate("/a/{order-id}/{*rest}"), [
    { kind: "literal", text: "a" },
    { kind: "parameter", name: "order-id" },
    { kind: "rest", name: "rest" },
  ]);
  assert.deepEqual(parseTemplate("/{name}.{type}/Orders({id})é"), [
    { kind: "pattern", texts: ["", ".", ""], names: ["name", "type"] },
    { kind: "pattern", texts: ["Orders(", ")%C3%A9"], names: ["id"] },
  ]);
  assert.deepEqual(parseTemplate("/a/").at(-1), { kind: "literal", text: "" });
});

it("refuses what would be a route that nobody reaches, or two values under one name", () => {
  for (const template of [
    "a",
    "",
    "/a//b",
    "/{*r}/b",
    "/{a}{b}",
    "/x{*r}",
    "/a}{b}",
    "/{}",
    "/a{b",
    "/{a}/{a}",
    "/{a/b}",
  ]) {
    assert.throws(() => parseTemplate(template), { code: "definition-invalid" }, template);
  }
});

it("measures an API's path as requests have it", () => {
  assert.equal(pathLength("/"), 0);
  assert.equal(pathLength("/orders/v1"), 10);
  assert.equal(pathLength("/é"), 7);
  assert.throws(() => pathLength("/{tenant}"), { code: "definition-invalid" });
});
