import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSitePath } from "./site.ts";

describe("paths of the gateway's own", () => {
  for (const path of ["/.sallyport", "/.sallyport/", "/.sallyport/login", "/.SallyPort/login", "/.sallyport;rev=2/x"]) {
    it(`takes ${path}`, () => assert.equal(isSitePath(path), true));
  }
  for (const path of ["/", "/.sallyports", "/.sally", "/sallyport", "/a/.sallyport/login", "/.well-known/x"]) {
    it(`leaves ${path}`, () => assert.equal(isSitePath(path), false));
  }
});
