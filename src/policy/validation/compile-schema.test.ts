import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileSchema } from "./compile-schema.ts";
import { of } from "./described.test-helper.ts";

describe("schemas", () => {
  it("are interpreted, with patterns in linear time and the formats that are kept", () => {
    const check = compileSchema(
      of({ properties: { a: { format: "pattern:^(a+)+$" }, d: { format: "date" }, u: { format: "uri-template" } } }),
    );
    const started = performance.now();
    assert.match(check({ a: `${"a".repeat(5000)}!` }) ?? "", /#\/a does not fit format/);
    assert.ok(performance.now() - started < 1000);
    assert.equal(check({ a: "aaa", d: "2026-02-03", u: "{{{" }), undefined);
    assert.match(check({ d: "yesterday" }) ?? "", /#\/d/);
  });
});
