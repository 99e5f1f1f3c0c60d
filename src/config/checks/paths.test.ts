import assert from "node:assert/strict";
import { it } from "node:test";
import { parseApiPath } from "./paths.ts";

it("an API's path has no slash at its end, however many were written", () => {
  for (const [text, value] of [
    ["/", "/"],
    ["//", "/"],
    ["/a", "/a"],
    ["/a/", "/a"],
    ["/a~//", "/a~"],
    ["/a/b///", "/a/b"],
  ] as const) {
    assert.deepEqual(parseApiPath(text), { value });
  }
});

it("an API's path starts with a slash, has no parameters and no empty segment", () => {
  for (const text of ["", "a", "/{id}", "/a//b"]) assert.ok("problem" in parseApiPath(text), text);
});
