import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { parseCacheControl, parseSeconds } from "./cache-control.ts";
import { freshened, isNotModified } from "./conditional.ts";
import { initialAge, lifetimeOf } from "./freshness.ts";
import { parseHttpDate } from "./http-date.ts";
import { whyNotStored } from "./storable.ts";
import { isOurs, variantOf, varyNames } from "./vary.ts";

const now = Date.UTC(2026, 0, 2, 12);
const date = "Fri, 02 Jan 2026 12:00:00 GMT";

function lifetime(fields: string[], status = 200, fallbackMs = 0): number | undefined {
  const headers = new HeaderList(fields);
  return lifetimeOf(status, headers, parseCacheControl(headers.joined("cache-control")), now, fallbackMs);
}

describe("Cache-Control", () => {
  it("reads names in any case, quoted and bare arguments, the first of several", () => {
    const read = parseCacheControl('Max-Age=10, no-cache="a, b", private , max-age=20');
    assert.deepEqual(
      [...read],
      [
        ["max-age", "10"],
        ["no-cache", "a, b"],
        ["private", ""],
      ],
    );
  });

  it("goes on behind the next comma when a part cannot be read, and ends", () => {
    assert.deepEqual(
      [...parseCacheControl('@@ x, no-store, ="')].map(([name]) => name),
      ["no-store"],
    );
    assert.equal(parseCacheControl(`${'"'.repeat(9000)}`).size, 0);
  });

  it("takes seconds that are seconds, and holds large ones", () => {
    assert.equal(parseSeconds("007"), 7);
    assert.equal(parseSeconds("9".repeat(40)), 2_147_483_648);
    for (const text of ["", "-1", "1.5", "1s", " 1"]) assert.equal(parseSeconds(text), null, text);
  });
});

describe("HTTP dates", () => {
  it("are read in their three forms, and in no other", () => {
    for (const text of [date, "Friday, 02-Jan-26 12:00:00 GMT", "Fri Jan  2 12:00:00 2026"]) {
      assert.equal(parseHttpDate(text, now), now, text);
    }
    for (const text of ["2026-01-02T12:00:00Z", "Fri, 2 Jan 2026 12:00:00 GMT", "0", "", date.replace("GMT", "UTC")]) {
      assert.equal(parseHttpDate(text, now), null, text);
    }
    assert.equal(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT", now), Date.UTC(1994, 10, 6, 8, 49, 37));
  });
});

describe("freshness", () => {
  it("s-maxage, then max-age, then Expires, then what the policy says", () => {
    assert.equal(lifetime(["Cache-Control", "max-age=5, s-maxage=9"]), 9000);
    assert.equal(lifetime(["Cache-Control", "max-age=5", "Expires", date]), 5000);
    assert.equal(lifetime(["Expires", "Fri, 02 Jan 2026 12:01:00 GMT", "Date", date]), 60_000);
    assert.equal(lifetime([], 200, 7000), 7000);
    assert.equal(lifetime([], 500, 7000), undefined);
    assert.equal(lifetime([]), undefined);
  });

  it("is none for what cannot be read", () => {
    assert.equal(lifetime(["Cache-Control", "max-age=soon"]), 0);
    assert.equal(lifetime(["Expires", "0"]), 0);
    assert.equal(lifetime(["Expires", date, "Expires", date]), 0);
    assert.equal(lifetime(["Cache-Control", "max-age=60", "Age", "1, 2"]), 0);
  });

  it("counts the age that a response arrives with", () => {
    assert.equal(initialAge(new HeaderList(["Age", "10"]), now, 500), 10_500);
    assert.equal(initialAge(new HeaderList(["Date", "Fri, 02 Jan 2026 11:59:00 GMT"]), now, 0), 60_000);
  });
});

describe("what is kept", () => {
  const why = (fields: string[], status = 200, personal = false, allowPrivate = false): string | undefined => {
    const headers = new HeaderList(fields);
    const directives = parseCacheControl(headers.joined("cache-control"));
    return whyNotStored(status, headers, directives, { personal, allowPrivate });
  };

  it("nothing that is one client's", () => {
    assert.equal(why(["Set-Cookie", "a=b", "Cache-Control", "public, max-age=60"]), "set-cookie");
    assert.equal(why(["Cache-Control", "private"]), "private");
    assert.equal(why(["Cache-Control", "private"], 200, true, true), undefined);
    assert.equal(why(["Cache-Control", "max-age=60"], 200, true), "personal");
    for (const word of ["public", "s-maxage=60", "must-revalidate"]) {
      assert.equal(why(["Cache-Control", word], 200, true), undefined, word);
    }
  });

  it("nothing that says no, cannot be told apart, or is a part", () => {
    assert.equal(why(["Cache-Control", "no-store"]), "no-store");
    assert.equal(why(["Cache-Control", "no-store, must-understand"]), undefined);
    assert.equal(why(["Cache-Control", "must-understand"], 599), "no-store");
    assert.equal(why(["Vary", "Accept, *"]), "vary");
    for (const status of [206, 304, 103]) assert.equal(why([], status), "status");
  });
});

describe("variants", () => {
  it("are told apart by the fields that Vary names, white space at commas aside", () => {
    const names = varyNames(new HeaderList(["Vary", "Accept, x-b", "Vary", "accept"]));
    assert.deepEqual(names, ["accept", "x-b"]);
    const of = (fields: string[]): string => variantOf(names, new HeaderList(fields));
    assert.equal(of(["Accept", "a,b"]), of(["Accept", "a ,  b"]));
    assert.equal(of(["Accept", "a", "Accept", "b"]), of(["Accept", "a, b"]));
    assert.notEqual(of(["Accept", "a"]), of(["X-B", "a"]));
    assert.notEqual(of([]), of(["Accept", ""]));
  });

  it("a response that varies by who calls is not kept: the field is written after the look-up", () => {
    for (const name of ["x-forwarded-for", "x-auth-request-user", "x-sallyport-subscription", "forwarded"]) {
      assert.ok(isOurs(name), name);
    }
    assert.ok(!isOurs("accept-encoding"));
  });
});

describe("conditions", () => {
  const stored = new HeaderList(["ETag", 'W/"a"', "Last-Modified", date]);
  const modified = (fields: string[]): boolean => !isNotModified(new HeaderList(fields), stored, now);

  it("If-None-Match compares weakly and decides alone", () => {
    assert.ok(!modified(["If-None-Match", '"x", "a"']));
    assert.ok(!modified(["If-None-Match", "*"]));
    assert.ok(modified(["If-None-Match", '"b"', "If-Modified-Since", date]));
    assert.ok(modified(["If-None-Match", "a"]));
  });

  it("If-Modified-Since is a date, or nothing", () => {
    assert.ok(!modified(["If-Modified-Since", date]));
    assert.ok(modified(["If-Modified-Since", "Fri, 02 Jan 2026 11:59:59 GMT"]));
    assert.ok(modified(["If-Modified-Since", "today"]));
  });

  it("a 304 freshens the stored fields, but for those that say what the body is", () => {
    const fresh = freshened(
      new HeaderList(["ETag", '"a"', "X", "1", "X", "2", "Content-Encoding", "gzip"]),
      new HeaderList(["X", "3", "X", "4", "Content-Encoding", "br", "Date", date]),
    );
    assert.deepEqual(fresh.raw, ["ETag", '"a"', "Content-Encoding", "gzip", "X", "3", "X", "4", "Date", date]);
  });
});
