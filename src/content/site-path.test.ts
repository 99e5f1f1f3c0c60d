import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fitsPattern } from "#lib/fits-pattern.ts";
import { isHidden, readHidden } from "./hidden.ts";
import { fileOf, fillCandidate, isWindowsName, readSitePath } from "./site-path.ts";

const nothing = readHidden([]);

describe("paths of a site", () => {
  for (const path of [
    "/../x",
    "/a/%2e%2e/x",
    "/%2e%2e%2fx",
    "/a%2fb",
    "/a%5cb",
    "/a\\b",
    "/a%00.html",
    "/%ff",
    "/a%0a",
  ]) {
    it(`${path} leads nowhere`, () => {
      const read = readSitePath(path);
      assert.equal(read === undefined ? undefined : fileOf("/srv", read, nothing), undefined);
    });
  }

  it("never leave the root, whatever they are made of", () => {
    const pieces = ["..", ".", "%2e", "%2E%2e", "/", "%2f", "\\", "%5c", "a", "%252e", "..;", "~", "C:", "%00", " "];
    for (let seed = 0; seed < 20_000; seed += 1) {
      let path = "/";
      for (let rest = seed; rest > 0; rest = Math.floor(rest / pieces.length)) path += pieces[rest % pieces.length];
      const read = readSitePath(path);
      const file = read === undefined ? undefined : fileOf("/srv/www", read, nothing);
      assert.ok(file === undefined || file === "/srv/www" || file.startsWith("/srv/www/"), `${path} → ${file}`);
      assert.ok(!/\/\.\.?(\/|$)/.test(file ?? ""), `${path} → ${file}`);
    }
  });

  it("are filled into what is tried", () => {
    const path = { names: ["a b", "c"], folder: false };
    assert.deepEqual(fillCandidate("{path}.html", path), { names: ["a b", "c.html"], folder: false });
    assert.deepEqual(fillCandidate("{path}/", path), { names: ["a b", "c"], folder: true });
    assert.deepEqual(fillCandidate("/index.html", path), { names: ["index.html"], folder: false });
    assert.deepEqual(fillCandidate("{path}", { names: ["$&"], folder: true }), { names: ["$&"], folder: true });
  });

  it("on Windows name no device, stream or short name", () => {
    const bad = ["con", "NUL.txt", "com1", "lpt9.log", "a:b", "a.", "a ", "PROGRA~1", "a*", "COM¹"];
    assert.deepEqual(bad.filter(isWindowsName), []);
    for (const name of ["console", "a.b", "community", "naïve"]) assert.ok(isWindowsName(name), name);
  });
});

describe("hidden names", () => {
  it("start with a dot, but for .well-known at the root", () => {
    for (const names of [
      [".git", "config"],
      ["a", ".env"],
      ["a", ".well-known", "x"],
      [".well-known", ".x"],
    ]) {
      assert.ok(isHidden(names, nothing), names.join("/"));
    }
    assert.ok(!isHidden([".well-known", "security.txt"], nothing));
  });

  it("fit a pattern, or lie below a path", () => {
    const hidden = readHidden(["*.bak", "private/", "a/*.key"]);
    for (const path of ["x.bak", "d.bak/x", "private", "private/x/y", "a/b.key"]) {
      assert.ok(isHidden(path.split("/"), hidden), path);
    }
    for (const path of ["x.bak.txt", "b/private", "b.key", "c/b.key"])
      assert.ok(!isHidden(path.split("/"), hidden), path);
  });

  it("patterns are linear", () => {
    assert.ok(
      fitsPattern("a*b*c", "a-b-b-c") && fitsPattern("*", "") && fitsPattern("*.*", "a.b") && fitsPattern("a*a", "aa"),
    );
    assert.ok(!fitsPattern("a*a", "a") && !fitsPattern("a*b*c", "a-c-b") && !fitsPattern("*b*", "a"));
    const started = performance.now();
    assert.ok(!fitsPattern(`${"*a".repeat(50)}*b`, "a".repeat(100_000)));
    assert.ok(performance.now() - started < 1000);
  });
});
