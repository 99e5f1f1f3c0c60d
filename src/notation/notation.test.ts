import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearest } from "./nearest.ts";
import { parseTemplate } from "./path-template.ts";
import { formatDuration, formatSize, parseDuration, parseSize } from "./units.ts";

describe("units", () => {
  it("are read", () => {
    assert.deepEqual(["250ms", "60s", "1.5h", "7d", "60", "1w", "-1s"].map(parseDuration), [
      250,
      60_000,
      5_400_000,
      604_800_000,
      undefined,
      undefined,
      undefined,
    ]);
    assert.deepEqual(["512B", "10KiB", "1.5MiB", "10KB", "x"].map(parseSize), [
      512,
      10_240,
      1_572_864,
      undefined,
      undefined,
    ]);
  });
  it("are written so that they can be read", () => {
    for (const value of [0, 1, 999, 60_000, 90_000, 86_400_000])
      assert.equal(parseDuration(formatDuration(value)), value);
    assert.equal(formatSize(10_240), "10KiB");
  });
});

describe("nearest", () => {
  const names = ["maxConnections", "maxWaiting", "host"];
  it("finds slips", () => {
    assert.equal(nearest("max_connections", names), "maxConnections");
    assert.equal(nearest("maxWiating", names), "maxWaiting");
  });
  it("does not guess", () => assert.equal(nearest("policies", names), undefined));
});

describe("path templates", () => {
  it("are spelled the way requests are", () => {
    assert.deepEqual(parseTemplate("/a b/%7euser/{id}"), { template: "/a%20b/~user/{id}", shape: "/a%20b/~user/{}" });
    assert.deepEqual(parseTemplate("/f/{*rest}"), { template: "/f/{*rest}", shape: "/f/{*}" });
    assert.deepEqual(parseTemplate("/{a-b}é.json/O({id})"), {
      template: "/{a-b}%C3%A9.json/O({id})",
      shape: "/{}%C3%A9.json/O({})",
    });
    assert.deepEqual(parseTemplate("/..{a}"), { template: "/..{a}", shape: "/..{}" });
  });
  for (const wrong of [
    "a",
    "/a//b",
    "/{a}{b}",
    "/a{}",
    "/a{b",
    "/a{*b}",
    "/{a}-{a}",
    "/{a}%2f",
    "/%c3{a}",
    "/{*a}/b",
    "/{a}/{a}",
    "/..",
    "/%2e%2e",
    "/%2541",
    "/%2f",
    "/%zz",
    "/%ff",
    "/*",
    "/a?b",
  ]) {
    it(`refuses ${wrong}`, () => assert.ok("problem" in parseTemplate(wrong)));
  }
});
