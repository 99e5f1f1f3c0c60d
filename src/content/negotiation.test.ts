import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { chooseCoding } from "./accept-encoding.ts";
import { judgeConditions, rangeHolds } from "./conditions.ts";
import { readHttpDate } from "./http-date.ts";
import { readRanges } from "./ranges.ts";

const offered = ["zstd", "br", "gzip"] as const;

describe("Accept-Encoding", () => {
  const cases: readonly (readonly [string | undefined, string | null])[] = [
    [undefined, null],
    ["", null],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=0.9, br;q=1.0", "br"],
    ["GZIP ; Q=0.5", "gzip"],
    ["br;q=0, *", "zstd"],
    ["*;q=0", null],
    ["zstd;q=0, br;q=0, gzip;q=0", null],
    ["identity, gzip;q=0.5", null],
    ["identity;q=0.5, gzip;q=0.5", "zstd is not asked for"],
    ["gzip;q=1.5", null],
    ["gzip;q=-1, br;q=abc", null],
    ["deflate, compress", null],
    [`gzip, ${"x".repeat(2000)}`, null],
  ];
  for (const [field, expected] of cases) {
    it(`${field?.slice(0, 40)} → ${expected}`, () => {
      assert.equal(chooseCoding(field, offered), expected === "zstd is not asked for" ? "gzip" : expected);
    });
  }
});

describe("conditions", () => {
  const validators = { etag: '"a"', modified: 1_000_000_000 };
  const at = "Sun, 09 Sep 2001 01:46:40 GMT";
  const before = "Sun, 09 Sep 2001 01:46:39 GMT";
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], "go-on"],
    [["If-None-Match", '"a"'], "not-modified"],
    [["If-None-Match", 'W/"a"'], "not-modified"],
    [["If-None-Match", '"b", "a"'], "not-modified"],
    [["If-None-Match", "*"], "not-modified"],
    [["If-None-Match", '"b"'], "go-on"],
    [["If-None-Match", '"b"', "If-Modified-Since", at], "go-on"],
    [["If-None-Match", '"x,"a",y"'], "go-on"],
    [["If-Modified-Since", at], "not-modified"],
    [["If-Modified-Since", before], "go-on"],
    [["If-Modified-Since", "yesterday"], "go-on"],
    [["If-Match", '"a"'], "go-on"],
    [["If-Match", 'W/"a"'], "failed"],
    [["If-Match", '"b"'], "failed"],
    [["If-Match", "*"], "go-on"],
    [["If-Match", '"a"', "If-Unmodified-Since", before], "go-on"],
    [["If-Match", '"a"', "If-None-Match", '"a"'], "not-modified"],
    [["If-Unmodified-Since", at], "go-on"],
    [["If-Unmodified-Since", before], "failed"],
  ];
  for (const [fields, expected] of cases) {
    it(`${fields.join(" ") || "none"} → ${expected}`, () => {
      assert.equal(judgeConditions(new HeaderList([...fields]), validators), expected);
    });
  }

  it("If-Range takes the very representation only", () => {
    const holds = (value: string): boolean => rangeHolds(new HeaderList(["If-Range", value]), validators);
    assert.deepEqual(
      [holds('"a"'), holds('W/"a"'), holds('"b"'), holds(at), holds(before), holds("x")],
      [true, false, false, true, false, false],
    );
  });

  it("dates have three forms", () => {
    assert.equal(readHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784_111_777);
    assert.equal(readHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), 784_111_777);
    assert.equal(readHttpDate("Sun Nov  6 08:49:37 1994"), 784_111_777);
    for (const wrong of ["", "1994-11-06", "Sun, 06 Nov 1994 08:49:37", "Sun, 99 Nov 1994 08:49:37 GMT"]) {
      assert.equal(readHttpDate(wrong), undefined, wrong);
    }
  });
});

describe("ranges of 10 bytes", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["bytes=0-0", "0-0"],
    ["bytes=2-", "2-9"],
    ["bytes=-3", "7-9"],
    ["bytes=-30", "0-9"],
    ["bytes=5-50", "5-9"],
    ["bytes=0-1,4-5", "0-1 4-5"],
    ["bytes=0-1,40-50", "0-1"],
    ["bytes=10-", "none"],
    ["bytes=-0", "none"],
    ["bytes=5-4", "none"],
    ["bytes=", "whole"],
    ["bytes=a-b", "none"],
    ["lines=1-2", "whole"],
    ["bytes=0-,0-,0-", "whole"],
    [`bytes=${Array.from({ length: 17 }, () => "0-0").join()}`, "whole"],
    ["bytes=0-9999999999999999", "0-9"],
  ];
  for (const [field, expected] of cases) {
    it(`${field.slice(0, 40)} → ${expected}`, () => {
      const found = readRanges(field, 10);
      const shown = typeof found === "string" ? found : found.map(({ first, last }) => `${first}-${last}`).join(" ");
      assert.equal(shown, expected);
    });
  }

  it("nothing of an empty file", () => assert.equal(readRanges("bytes=0-", 0), "none"));
});
