import assert from "node:assert/strict";
import { it } from "node:test";
import { parseFilter } from "./filter.ts";

const ann = {
  id: "a1",
  userName: "Ann@Example.com",
  active: true,
  name: { familyName: "O'Malley" },
  emails: [
    { type: "work", value: "ann@example.com" },
    { type: "home", value: "ann@home.example" },
  ],
  meta: { lastModified: "2026-05-13T04:42:34Z" },
  level: 3,
};

it("holds or not, by the examples of RFC 7644 and the ways that providers ask", () => {
  const cases: readonly (readonly [filter: string, holds: boolean])[] = [
    ['userName eq "ann@example.COM"', true],
    ['username Eq "bob"', false],
    ['id eq "A1"', false],
    ['id eq "a1"', true],
    ['name.familyName co "O\'Malley"', true],
    ['userName sw "ann" and userName ew ".com"', true],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "A"', true],
    ["title pr", false],
    ["emails pr", true],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', true],
    ['meta.lastModified le "2011-05-13T04:42:34Z"', false],
    ["active eq true", true],
    ["active eq False", false],
    ["level ge 3 and level lt 4", true],
    ['emails eq "ann@home.example"', true],
    ['emails.type eq "work"', true],
    ['emails[type eq "work" and value co "@home"]', false],
    ['emails[type eq "home" and value co "@home"]', true],
    ['userName ne "bob" and not (active eq false)', true],
    ['userName eq "bob" or active eq true and level eq 3', true],
    ['(userName eq "bob" or active eq true) and level eq 4', false],
  ];
  for (const [filter, holds] of cases) assert.equal(parseFilter(filter).test(ann), holds, filter);
});

it("knows when an index can answer", () => {
  assert.deepEqual(parseFilter('userName eq "a \\"b\\""').equality, { attribute: "username", value: 'a "b"' });
  assert.equal(parseFilter('userName eq "a" and active eq true').equality, null);
  assert.equal(parseFilter("active eq true").equality, null);
});

it("refuses what is no filter, and one without an end", () => {
  const bad = [
    "",
    "userName",
    "userName eq",
    'eq "a"',
    "userName like 1",
    'a eq "b',
    "(a pr",
    "a pr)",
    "a[b pr",
    "a eq b",
  ];
  for (const text of [...bad, "(".repeat(11) + "a pr" + ")".repeat(11), `a eq "${"x".repeat(1000)}"`]) {
    assert.throws(() => parseFilter(text), { name: "ScimError", status: 400, scimType: "invalidFilter" }, text);
  }
});
