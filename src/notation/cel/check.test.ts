import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkCel } from "./check.ts";
import { maxSourceLength } from "./limits.ts";

const good = [
  '"staff" in principal.groups && request.method == "GET"',
  'principal.groups.exists(g, g.startsWith("team-"))',
  'subscription != null && subscription.scope == "all"',
  'request.headers[?"x-a"].orValue("") == "b"',
  "principal.claims.level >= 3",
  "principal.claims.admin",
  'now > timestamp("2024-01-01T00:00:00Z") - duration("1h")',
  "response == null || response.status >= 500",
  'lastError != null && lastError.reason == "rate-limit-exceeded"',
  'request.path.matches("^/a/[a-z]+$")',
  'has(principal.claims.tid) && parameters["id"] == "7" && product == "starter" && api == "a" && operation == "o"',
];

const bad: readonly (readonly [source: string, message: RegExp, offset: number])[] = [
  ["1 +", /Unexpected token/, 3],
  ["grups == 1", /Unknown variable: grups/, 0],
  ["principal.grups == []", /No such key: grups/, 10],
  ['true || subscription.key == "x"', /No such field: subscription.key/, 8],
  ["principal.id", /must give a bool/, 0],
  ["request.path == 1", /no such overload/, 0],
  ["request.path.matches(request.host)", /written out/, 29],
  ['request.path.matches("(?=a)")', /RE2/, 21],
  ['request.path.matches("(a)\\\\1")', /RE2/, 21],
  ["[1].matches('x')", /is for strings/, 0],
  ["duration(request.host) == duration('1s')", /short literal/, 0],
  [`duration("${"1".repeat(100)}s") == duration("1s")`, /short literal/, 0],
  ["principal.groups.all(a, principal.roles.all(b, principal.scopes.all(c, a == b)))", /comprehensions/, 47],
];

describe("checkCel", () => {
  for (const source of good) {
    it(`accepts ${source}`, () => assert.equal(checkCel(source, "bool"), undefined));
  }
  for (const [source, message, offset] of bad) {
    it(`refuses ${source.slice(0, 60)}`, () => {
      const problem = checkCel(source, "bool");
      assert.match(problem?.message ?? "", message);
      assert.ok(Math.abs((problem?.offset ?? -99) - offset) <= 9, `offset ${problem?.offset}`);
    });
  }

  it("lets any type pass where any is wanted", () => assert.equal(checkCel("principal.id", "any"), undefined));

  it("bounds length, nesting and size before they cost anything", () => {
    assert.match(checkCel(`"${"a".repeat(maxSourceLength)}"`, "any")?.message ?? "", /at most 4096/);
    assert.ok(checkCel("(".repeat(500) + "1" + ")".repeat(500), "any"));
    assert.ok(checkCel("[".repeat(60) + "]".repeat(60), "any"));
  });
});
