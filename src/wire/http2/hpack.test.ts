import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { diceOf } from "#test/soak/support.ts";
import { HeaderDecoder } from "./header-decoder.ts";
import { HeaderEncoder } from "./header-encoder.ts";
import { decodeHuffman } from "./huffman.ts";
import { endOfString, huffmanCodes } from "./huffman-codes.ts";
import { staticFields, staticIndexes } from "./static-table.ts";

const roomy = { bytes: 100_000, fields: 1000 };
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function decode(decoder: HeaderDecoder, block: Buffer): readonly string[] | null {
  return decoder.decode(block, 0, block.length)?.fields ?? null;
}

/** `name: value` a line, as the RFC prints them. */
const list = (...lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const at = line.indexOf(": ", 1);
    return [line.slice(0, at), line.slice(at + 2)];
  });

const get = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const requests = [
  list(...get),
  list(...get, "cache-control: no-cache"),
  list(
    ":method: GET",
    ":scheme: https",
    ":path: /index.html",
    ":authority: www.example.com",
    "custom-key: custom-value",
  ),
];
const responses = [
  list(
    ":status: 302",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ),
  list(
    ":status: 307",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:21 GMT",
    "location: https://www.example.com",
  ),
  list(
    ":status: 200",
    "cache-control: private",
    "date: Mon, 21 Oct 2013 20:13:22 GMT",
    "location: https://www.example.com",
    "content-encoding: gzip",
    "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  ),
];

describe("HPACK, by the examples of RFC 7541 Appendix C", () => {
  it("C.2: each representation", () => {
    const decoder = new HeaderDecoder(roomy);
    assert.deepEqual(
      decode(decoder, hex("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572")),
      list("custom-key: custom-header"),
    );
    assert.deepEqual(decode(decoder, hex("040c 2f73 616d 706c 652f 7061 7468")), list(":path: /sample/path"));
    assert.deepEqual(decode(decoder, hex("1008 7061 7373 776f 7264 0673 6563 7265 74")), list("password: secret"));
    assert.deepEqual(decode(decoder, hex("82")), list(":method: GET"));
    assert.deepEqual(decode(decoder, hex("be")), list("custom-key: custom-header"), "only the first is in the table");
    assert.equal(decode(decoder, hex("bf")), null);
  });

  const blocks = {
    "C.3: requests": [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ],
    "C.4: requests with Huffman coding": [
      "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
      "8286 84be 5886 a8eb 1064 9cbf",
      "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ],
    "C.5: responses, in a table of 256 bytes": [
      `3fe1 01
       4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133
       2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d
       54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49
       553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    ],
    "C.6: the same with Huffman coding": [
      `3fe1 01
       4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d
       29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
      "4883 640e ffc1 c0bf",
      `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
       d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
    ],
  };
  for (const [name, texts] of Object.entries(blocks)) {
    it(name, () => {
      const decoder = new HeaderDecoder(roomy);
      const expected = name.includes("requests") ? requests : responses;
      for (const [at, text] of texts.entries()) {
        const block = hex(text.replaceAll(/\s+/g, ""));
        assert.deepEqual(decode(decoder, block), expected[at], `${name}.${at + 1}`);
      }
    });
  }
});

describe("the Huffman code", () => {
  it("is whole: no string of bits is without a symbol, and none has two", () => {
    const codes = huffmanCodes();
    assert.equal(codes.length, 257);
    assert.equal(
      codes.reduce((sum, { bits }) => sum + 2 ** -bits, 0),
      1,
    );
    assert.deepEqual(codes.at(-1), { symbol: endOfString, code: 0x3fff_ffff, bits: 30 });
  });

  /** The symbols' codes one behind the other, filled up with ones. */
  function encode(symbols: readonly number[], padding = "1"): Buffer {
    const codes = new Map(
      huffmanCodes().map(({ symbol, code, bits }) => [symbol, code.toString(2).padStart(bits, "0")]),
    );
    let text = symbols.map((symbol) => codes.get(symbol)).join("");
    while (text.length % 8 > 0) text += padding;
    return Buffer.from((text.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  }

  it("is read for every octet, behind every other", () => {
    for (let octet = 0; octet < 256; octet += 1) {
      const others = Array.from({ length: 256 }, (_, at) => at).flatMap((other) => [octet, other]);
      const bytes = encode(others);
      assert.equal(decodeHuffman(bytes, 0, bytes.length), String.fromCharCode(...others));
    }
  });

  it("ends in less than eight ones, and has no EOS", () => {
    const bad = [
      encode([0x61, endOfString]),
      encode([0x61], "0"),
      Buffer.concat([encode([0x61]), Buffer.from([0xff])]),
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0xff]),
    ];
    for (const bytes of bad) assert.equal(decodeHuffman(bytes, 0, bytes.length), null, bytes.toString("hex"));
    assert.equal(decodeHuffman(Buffer.alloc(0), 0, 0), "");
  });
});

describe("a header block that is none", () => {
  const blocks = {
    "index 0": "80",
    "an index beyond both tables": "be",
    "a name beyond both tables": "7f00 0161",
    "a number without end": "ff80 8080 8080 01",
    "a string that is longer than the block": "0003 6162",
    "a block that ends behind a name": "0001 61",
    "a table larger than was offered": "3fe2 1f",
    "a change of the table behind a field": "8220",
    "a Huffman string with other padding": "0081 0001 61",
  };
  for (const [name, text] of Object.entries(blocks)) {
    it(name, () => assert.equal(decode(new HeaderDecoder(roomy), hex(text)), null));
  }
});

describe("a list of fields", () => {
  const literal = (name: string, value: string): Buffer =>
    Buffer.concat([
      Buffer.from([0x40, name.length]),
      Buffer.from(name, "latin1"),
      Buffer.from([value.length]),
      Buffer.from(value, "latin1"),
    ]);

  it("is sound when every name and value may stand in a request, from either table too", () => {
    const bad: readonly (readonly [string, string])[] = [
      ["X-Upper", "1"],
      ["x y", "1"],
      ["x:", "1"],
      ["", "1"],
      [":status", "200"],
      [":other", "1"],
      ["x", "a\r\nb"],
      ["x", "a\0"],
      ["x", " a"],
      ["x", "a\t"],
      ["x", "\x7f"],
    ];
    for (const [name, value] of bad) {
      const decoder = new HeaderDecoder(roomy);
      for (const block of [literal(name, value), Buffer.from([0xbe])]) {
        assert.equal(decoder.decode(block, 0, block.length)?.isSound, false, JSON.stringify([name, value]));
      }
    }
    const status = Buffer.from([0x88]);
    assert.equal(new HeaderDecoder(roomy).decode(status, 0, 1)?.isSound, false);
    const good = literal("x", "a b\tc \xe4");
    assert.equal(new HeaderDecoder(roomy).decode(good, 0, good.length)?.isSound, true);
  });

  it("is kept up to its limits, and the table goes on behind them", () => {
    const decoder = new HeaderDecoder({ bytes: 100, fields: 2 });
    const block = Buffer.concat([literal("a", "1"), literal("b", "2"), literal("c", "3")]);
    const kept = decoder.decode(block, 0, block.length);
    assert.deepEqual([kept?.isTooLarge, kept?.fields], [true, ["a", "1", "b", "2"]]);
    assert.deepEqual(decode(decoder, Buffer.from([0xbe])), ["c", "3"]);
    const long = literal("d", "x".repeat(80));
    assert.deepEqual(decoder.decode(long, 0, long.length), { fields: [], isSound: true, isTooLarge: true });
  });

  it("is the same again when its bytes are, until the table has changed", () => {
    const decoder = new HeaderDecoder(roomy);
    const named = Buffer.from([0xbe]);
    decode(decoder, literal("x", "1"));
    assert.deepEqual(decode(decoder, named), ["x", "1"]);
    assert.equal(decode(decoder, named), decode(decoder, named), "not read again");
    decode(decoder, literal("x", "2"));
    assert.deepEqual(decode(decoder, named), ["x", "2"]);
    decode(decoder, hex("20"));
    assert.equal(decode(decoder, named), null, "the table is empty");
  });
});

describe("the encoder", () => {
  function write(encoder: HeaderEncoder, fields: readonly string[]): Buffer {
    const out = Buffer.alloc(encoder.bound(fields));
    return out.subarray(0, encoder.write(fields, out, 0));
  }

  it("puts into the table what comes a second time, and from then on names it by a number", () => {
    const encoder = new HeaderEncoder();
    const fields = [":status", "200", "server", "x", "date", "today"];
    assert.equal(write(encoder, fields).toString("hex"), "880f2701780f1205746f646179");
    assert.equal(write(encoder, fields).toString("hex"), "887601786105746f646179");
    assert.equal(write(encoder, fields).toString("hex"), "88bfbe");
    assert.equal(write(encoder, [":status", "200", "date", "other"]).toString("hex"), "880f12056f74686572");
  });

  it("never has a secret in any table", () => {
    const encoder = new HeaderEncoder();
    for (let times = 0; times < 3; times += 1) {
      assert.equal(write(encoder, ["set-cookie", "a=b"]).toString("hex"), "1f2803613d62");
    }
  });

  it("knows the static table", () => {
    assert.equal(staticFields.length, 122);
    assert.equal(staticIndexes.get(":authority"), 1);
    assert.equal(staticIndexes.get(":status"), 8);
    assert.equal(staticIndexes.get("www-authenticate"), 61);
    for (const status of ["200", "204", "206", "304", "400", "404", "500"]) {
      assert.equal(write(new HeaderEncoder(), [":status", status]).length, 1);
    }
  });

  it("says all changes of the table's size that count", () => {
    const encoder = new HeaderEncoder();
    const decoder = new HeaderDecoder(roomy);
    const fields = ["x", "1"];
    for (let times = 0; times < 3; times += 1) decode(decoder, write(encoder, fields));
    encoder.setTableSize(0);
    encoder.setTableSize(1000);
    encoder.setTableSize(1_000_000);
    const block = write(encoder, fields);
    assert.equal(block.subarray(0, 4).toString("hex"), "203fe11f", "0, then 4096");
    assert.deepEqual(decode(decoder, block), fields);
    encoder.setTableSize(0);
    for (let times = 0; times < 4; times += 1) assert.deepEqual(decode(decoder, write(encoder, fields)), fields);
  });

  it("is understood by the decoder, whatever comes and however the table changes", () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const dice = diceOf(seed);
      const encoder = new HeaderEncoder();
      const decoder = new HeaderDecoder(roomy);
      const names = Array.from(
        { length: dice.between(1, 100) },
        (_, at) => dice.pick(["x-", "set-cookie", "date"]) + at,
      );
      for (let block = 0; block < 60; block += 1) {
        if (dice.below(10) === 0) encoder.setTableSize(dice.pick([0, 32, 100, 500, 4096, 70_000]));
        const fields = [":status", String(dice.between(200, 599))];
        for (let count = dice.below(20); count > 0; count -= 1) {
          const value = dice.below(12) === 0 ? "v".repeat(dice.below(3000)) : `${dice.below(3)}`;
          fields.push(dice.pick([...names, "server", "authorization"]), value);
        }
        assert.deepEqual(decode(decoder, write(encoder, fields)), fields, `seed ${seed}`);
      }
    }
  });
});
