import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { createRedaction } from "#audit/redaction/redaction.ts";
import type { Exchange } from "#model/exchange.ts";
import { noRedaction } from "#model/redaction.ts";
import { BodyTap, TapRoom } from "./body-tap.ts";
import { shownBody } from "./shown-body.ts";

const redaction = createRedaction({ ...noRedaction, patterns: ["card-number", "email"] });
const exchange = { redaction } as unknown as Exchange;

function shown(body: string | Uint8Array, most: number, coding = ""): string | undefined {
  const tap = new BodyTap(8192, new TapRoom(10_000));
  tap.take(Buffer.from(body));
  return shownBody({ tap, coding }, most, exchange, (text) => redaction.text(text, null).text);
}

describe("the beginning of a body", () => {
  it("ends between characters, and within its bytes", () => {
    assert.equal(shown("aé€𝄞z", 11), "aé€𝄞z");
    assert.deepEqual(
      [1, 2, 3, 5, 6, 9, 10].map((most) => shown("aé€𝄞z", most)),
      ["a", "a", "aé", "aé", "aé€", "aé€", "aé€𝄞"],
    );
    assert.equal(shown("", 10), undefined);
  });

  it("shows no half of what is to be kept out", () => {
    for (const secret of ["4111 1111 1111 1111", "somebody@mail.example"]) {
      for (let most = 4; most < 30; most += 1) {
        const text = shown(`x: ${secret} and more`, most) ?? "";
        assert.ok("x: [redacted] and more".startsWith(text), `${most}: ${text}`);
      }
    }
    const token = `eyJhbGciOiJIUzI1NiJ9.${"e".repeat(2000)}.${"s".repeat(100)}`;
    assert.equal(shown(`a ${token} b`, 400), "a [redacted] b".slice(0, 2));
    assert.equal(shown(`a ${token} b`, 4000), "a [redacted] b");
    assert.equal(shown(`{"t":"${token}"}`, 400), '{"t":"');
  });

  it("is of what was coded, and nothing where that is a bomb or no coding", () => {
    assert.equal(shown(gzipSync("abc ".repeat(100)), 7, "gzip"), "abc abc");
    // As much of it as came before the cut.
    assert.equal(shown(gzipSync("abc ".repeat(100)).subarray(0, -9), 7, "x-gzip"), "abc abc");
    const bomb = gzipSync(Buffer.alloc(1_000_000, "a"));
    assert.equal(shown(bomb, 7, "gzip"), "[not shown: its coding]");
    assert.equal(shown("plain", 7, "gzip"), "[not shown: its coding]");
    assert.equal(shown("plain", 7, "gzip, br"), "[not shown: its coding]");
  });

  it("is nothing where it is no text, or the room was full", () => {
    assert.equal(shown(Buffer.from("{}", "utf16le"), 7), "[not shown: no text]");
    assert.equal(shown(Uint8Array.of(0xff, 0x41), 7), "[not shown: no text]");
    const tap = new BodyTap(10, new TapRoom(1));
    tap.take(Buffer.from("ab"));
    assert.equal(
      shownBody({ tap, coding: "" }, 10, exchange, (text) => text),
      "[not shown: no room]",
    );
  });
});
