import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { returnPath } from "./return-path.ts";

const tricks = [
  null,
  "",
  "https://evil.example/",
  "http:evil.example",
  "//evil.example",
  "///evil.example",
  "////evil.example/%2e%2e",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  "/\r\n/evil.example",
  " //evil.example",
  "\u0000//evil.example",
  "/%09//evil.example\u0009",
  "/..//evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e%2e//evil.example",
  "javascript:alert(1)",
  "data:text/html,x",
  "?next=//evil",
  "@evil.example",
  "evil.example",
  "/ü//evil",
  "/\u2028/evil.example",
  "/.sallyport/logout",
  "/%2esallyport/logout",
  "/a/../.sallyport/login",
  "/.SALLYPORT",
  "/.sallyport/access/end",
  "/.sallyport/accessory",
  "/.sallyport/access/../logout",
  "/%2esallyport/access",
  `/${"x".repeat(3000)}`,
];

describe("where a login leads back to", () => {
  for (const trick of tricks) {
    it(`is the start for ${JSON.stringify(trick)?.slice(0, 60)}`, () => assert.equal(returnPath(trick), "/"));
  }

  const kept = [
    "/",
    "/orders",
    "/orders/7?sort=up&next=//x#top".split("#")[0] as string,
    "/a//b",
    "/x?u=https://evil.example/",
    "/%2Fx",
    "/.sallyport/access?approval=payroll-admin",
    "/.sallyport/access/decide",
    "/.sallyport/access/answer?link=a.b.c",
  ];
  for (const path of kept) {
    it(`is ${path}`, () => {
      assert.equal(returnPath(path), path);
      assert.equal(new URL(returnPath(path), "https://app.example").host, "app.example");
    });
  }

  it("has no fragment", () => assert.equal(returnPath("/a#b"), "/a"));
});
