import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { installed } from "../peers.ts";
import { type Counts, type Expectations, perRequest, regressions } from "./expectations.ts";

const expected: Expectations = { node: "v26.0.0", targets: { bare: { bytes: 10_000, promises: 5, calls: 4 } } };
const found = (counts: Partial<Counts>): readonly string[] =>
  regressions(expected, { ...expected, targets: { bare: { ...(expected.targets["bare"] as Counts), ...counts } } });

describe("the guard of what a request costs", () => {
  it("takes what is as expected, nearly so, or less", () => {
    assert.deepEqual(found({}), []);
    assert.deepEqual(found({ bytes: 10_999, promises: 5.2, calls: 4.1 }), []);
    assert.deepEqual(found({ bytes: 100, promises: 0, calls: 2 }), []);
  });

  it("says what is more, how much may be, and what to do", () => {
    assert.match(
      found({ bytes: 11_001 })[0] ?? "",
      /^bare: 11001 bytes allocated a request, expected 10000, at most 11000; fix:/,
    );
    assert.match(found({ promises: 6 })[0] ?? "", /^bare: 6\.00 promises a request, expected 5\.00, at most 5\.30/);
    assert.match(found({ calls: 5 })[0] ?? "", /^bare: 5\.00 reading and writing system calls/);
    assert.equal(found({ bytes: 20_000, promises: 9, calls: 9 }).length, 3);
  });

  it("does not compare what cannot be compared", () => {
    assert.match(
      regressions(expected, { ...expected, node: "v27.0.0" })[0] ?? "",
      /of Node v26\.0\.0, this is v27\.0\.0/,
    );
    const other = { ...expected, targets: { whole: { bytes: 1, promises: 1, calls: 1 } } };
    assert.match(regressions(expected, other)[0] ?? "", /^whole: nothing is expected of it/);
  });

  it("counts per request", () => {
    const [before, after] = [
      { bytes: 100, promises: 1, calls: 2 },
      { bytes: 300, promises: 5, calls: 6 },
    ];
    assert.deepEqual(perRequest(before, after, 4), { bytes: 50, promises: 1, calls: 1 });
  });

  const required = process.env["SALLYPORT_REQUIRE"] === "all";
  const skip = required || (installed("nginx") && installed("openssl")) ? false : "nginx or openssl is not installed";
  it("fails when something is planted on the way of a request", { skip }, () => {
    const planted = join(import.meta.dirname, "planted.ts");
    const short = ["--warm-up", "0.5", "--seconds", "0.2", "--turns", "1", "--import", planted];
    const args = ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "main.ts"), ...short];
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 1, `${stdout}${stderr}`);
    assert.match(stderr, /bench:guard: whole: [\d.]+ promises a request, expected [\d.]+, at most/);
  });
});
