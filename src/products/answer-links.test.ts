import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { AnswerLinks } from "./answer-links.ts";

const links = new AnswerLinks(createKeyedDigest(new Uint8Array(32).fill(1)));
const link = { request: "0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11", until: 1_700_000_000_000, nonce: "A".repeat(22) };

describe("answer links", () => {
  it("come back as they were made, until their end", () => {
    assert.deepEqual(links.read(links.make(link), link.until - 1), link);
    assert.equal(links.read(links.make(link), link.until), null);
  });

  it("cannot be changed, or made by others", () => {
    const text = links.make(link);
    const others = new AnswerLinks(createKeyedDigest(new Uint8Array(32).fill(2)));
    const later = text.split(".").with(1, "zzzzzzz").join(".");
    const another = text.replace(/^0198/, "0199");
    for (const wrong of [others.make(link), later, another, text.slice(0, -1), `${text}x`, "", "a.b.c.d"]) {
      assert.equal(links.read(wrong, 0), null, wrong);
    }
  });
});
