import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isAcceptableQuery, normalisePath } from "./normalise-path.ts";
import { normalisedPaths, refusedPaths } from "./paths.test-helper.ts";

/** A small deterministic generator, so that a failure can be repeated from its seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("normalisePath", () => {
  for (const [path, normal] of normalisedPaths)
    test(`${path} is ${normal}`, () => assert.equal(normalisePath(path), normal));

  for (const path of refusedPaths)
    test(`${JSON.stringify(path.slice(0, 20))} is refused`, () => assert.equal(normalisePath(path), null));

  test("a plain path comes back as it is", () => {
    const path = "/orders/1234/lines";
    assert.equal(normalisePath(path), path);
  });

  test("is idempotent, and leaves nothing that a lenient server could read as traversal", () => {
    const pieces = [
      "/",
      "//",
      ".",
      "..",
      "%2e",
      "%2E",
      "%252e",
      "%25",
      "%32",
      "%65",
      "%66",
      "%2",
      "f",
      "a",
      "b",
      ";",
      "%3b",
      "%41",
      "%C3%A9",
      "%2f",
      "\\",
      "~",
      ":",
      "%3A",
      "+",
      "%2b",
      "%c0",
      "%af",
    ];
    const next = generator(42);
    let taken = 0;
    for (let round = 0; round < 40_000; round++) {
      let path = "/";
      for (let count = next(9); count > 0; count--) path += pieces[next(pieces.length)];
      const once = normalisePath(path);
      if (once === null) continue;
      taken += 1;
      assert.equal(normalisePath(once), once, path);
      const decoded = decodeURIComponent(once);
      assert.ok(!/(^|\/)\.{1,2}(\/|$)/.test(decoded), `${path} → ${once}`);
      assert.ok(!decoded.includes("//") && !decoded.includes("\\"), `${path} → ${once}`);
      assert.equal(decoded.split("/").length, once.split("/").length, "no hidden segment border");
      let twice = decoded;
      try {
        twice = decodeURIComponent(decoded);
      } catch {}
      assert.ok(!/(^|\/)\.\.?(\/|$)/.test(twice), `twice: ${path} → ${twice}`);
    }
    assert.ok(taken > 5000, `only ${taken} were taken`);
  });

  test("equivalent spellings come to one, different ones stay apart", () => {
    const next = generator(7);
    for (let round = 0; round < 5000; round++) {
      const segments = Array.from({ length: 1 + next(3) }, () => "abXY09-_~"[next(9)] as string);
      const plain = `/${segments.join("/")}`;
      const spelt = segments.map((segment) => respell(segment, next)).join(next(2) === 0 ? "/" : "//./");
      assert.equal(normalisePath(`/${spelt}`), plain);
      assert.notEqual(normalisePath(`/${spelt}x`), plain);
    }
  });
});

function respell(segment: string, next: (below: number) => number): string {
  if (next(2) === 0) return segment;
  const hex = segment.charCodeAt(0).toString(16);
  const cased = next(2) === 0 ? hex : hex.toUpperCase();
  return next(3) === 0 ? `x/../%${cased}` : `%${cased}`;
}

test("a query is refused for what would end it or the line", () => {
  for (const query of ["", "a=b&c=%zz", "x[]=1|2", "a?b", "{`^\\}"])
    assert.equal(isAcceptableQuery(query), true, query);
  for (const query of ["a b", "a#b", "a\u0000", "a\r\nX: y", "é", "\u007f", "<", ">", '"'])
    assert.equal(isAcceptableQuery(query), false);
});
