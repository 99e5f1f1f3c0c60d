import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonWriter, piece } from "./json-writer.ts";

function written(write: (json: JsonWriter) => void): string {
  const json = new JsonWriter(1024);
  write(json);
  return json.bytes.toString("utf8", 0, json.at);
}

describe("json writer", () => {
  it("writes strings that JSON.parse reads back, on one line", () => {
    const texts = [
      "",
      "plain",
      'a"b',
      "a\\b",
      'x\n{"id":"forged"}',
      "\u0000\u001f",
      "ünïcödé",
      "日本",
      "🙂",
      "\u2028",
      "\u007f\u0085",
    ];
    for (const text of texts) {
      const literal = written((json) => json.text(text, 100));
      assert.equal(JSON.parse(literal), text);
      assert.ok(!literal.includes("\n"));
    }
  });

  it("writes lone surrogates as escapes, so that nothing is lost and the bytes are UTF-8", () => {
    for (const text of ["\ud800", "a\udfff", "\udc00\ud800"]) {
      assert.equal(JSON.parse(written((json) => json.text(text, 100))), text);
    }
  });

  it("writes whole numbers, and zero for what is none", () => {
    for (const value of [0, 1, 9, 10, 99, 100, 4310, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER - 1]) {
      assert.equal(
        written((json) => json.count(value)),
        String(value),
      );
    }
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      assert.equal(
        written((json) => json.count(value)),
        "0",
      );
  });

  it("writes milliseconds with three decimals", () => {
    const cases: [number, string][] = [
      [0, "0.000"],
      [-1, "0.000"],
      [Number.NaN, "0.000"],
      [0.001, "0.001"],
      [1.02, "1.020"],
      [12.3456, "12.346"],
      [0.9996, "1.000"],
      [61_000, "61000.000"],
    ];
    for (const [value, text] of cases)
      assert.equal(
        written((json) => json.millis(value)),
        text,
      );
  });

  it("leaves out members that do not apply", () => {
    assert.equal(
      written((json) => json.member(piece(',"a":'), undefined, 9)),
      "",
    );
    assert.equal(
      written((json) => json.member(piece(',"a":'), "", 9)),
      "",
    );
    assert.equal(
      written((json) => json.member(piece(',"a":'), "b", 9)),
      ',"a":"b"',
    );
  });

  it("says that something did not fit, whatever it was", () => {
    const writes: ((json: JsonWriter) => void)[] = [
      (json) => json.raw("12345"),
      (json) => json.text("1234", 9),
      (json) => json.text("ü234", 9),
      (json) => json.count(12_345),
      (json) => json.millis(1),
      (json) => json.copy(piece("12345")),
    ];
    for (const write of writes) {
      const json = new JsonWriter(4);
      write(json);
      assert.ok(json.overflowed);
    }
  });
});
