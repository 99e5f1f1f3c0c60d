import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomInt } from "node:crypto";
import { describe, it } from "node:test";
import { readPssParameters } from "./pss-parameters.ts";

const sha256 = "300d06096086480165030402010500";
const hash = `a00f${sha256}`;
const mask = `a11c301a06092a864886f70d010108${sha256}`;

function read(...fields: readonly string[]): ReturnType<typeof readPssParameters> {
  const content = Buffer.from(fields.join(""), "hex");
  return readPssParameters(Buffer.concat([Buffer.of(0x30, content.length), content]));
}

describe("parameters of RSA-PSS", () => {
  it("name one hash twice, and the salt's length, which is 20 when it is not said", () => {
    assert.deepEqual(read(hash, mask, "a203020120"), { hash: "sha256", saltLength: 32 });
    assert.deepEqual(read(hash, mask), { hash: "sha256", saltLength: 20 });
    assert.deepEqual(read(hash, mask, "a303020101"), { hash: "sha256", saltLength: 20 });
  });

  for (const [what, fields, problem] of [
    ["say nothing, which is SHA-1", [], /hash that is not believed/],
    ["leave out the mask, which is of SHA-1 then", [hash], /hash that is not believed/],
    ["have another mask", [hash, mask.replace("010108", "010109")], /mask is not known/],
    ["have another trailer", [hash, mask, "a303020102"], /trailer/],
    ["have a field twice", [hash, hash, mask], /malformed/],
    ["have their fields in another order", [mask, hash], /malformed/],
    ["have a field that is not known", [hash, mask, "a403020101"], /malformed/],
    ["have a salt of less than nothing", [hash, mask, "a2030201ff"], /malformed/],
    ["have a salt that no key has room for", [hash, mask, "a20502030f4240"], /salt is too long/],
    ["have a number of many bytes", [hash, mask, "a20702050100000000"], /malformed/],
  ] as const) {
    it(`are refused when they ${what}`, () => {
      assert.throws(() => read(...fields), problem);
    });
  }

  it("are refused when there is more behind them, or nothing at all", () => {
    assert.throws(() => readPssParameters(Buffer.from(`3000${hash}`, "hex")), /malformed/);
    assert.throws(() => readPssParameters(Buffer.alloc(0)), /no DER/);
  });

  it("that are damaged end in an error that says so, or mean something", () => {
    const whole = Buffer.from(`3032${hash}${mask}a203020120`, "hex");
    for (let left = 3000; left > 0; left -= 1) {
      const damaged = Buffer.from(whole);
      damaged[randomInt(damaged.length)] = randomInt(256);
      try {
        readPssParameters(damaged);
      } catch (error) {
        assert.ok(
          error instanceof Error && !(error instanceof TypeError || error instanceof RangeError),
          String(error),
        );
      }
    }
  });
});
