import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fixedLogKey, testLogKey } from "#audit/testing/signed-audit.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { isSignedBy, readLogKey } from "./log-key.ts";
import { noteText, parseNote } from "./signed-note.ts";

const root = "ab".repeat(32);

describe("checkpoints", () => {
  it("are notes of the agreed form", () => {
    const { signer, key } = fixedLogKey("sallyport/gw-1/42");
    const text = signer.sign(7, root);
    const encoded = Buffer.from(root, "hex").toString("base64");
    assert.match(text, /^sallyport\/gw-1\/42\n7\n[^\n]{44}\n\n— sallyport\/gw-1\/42 [A-Za-z0-9+/=]{92}\n$/u);
    const checkpoint = readCheckpoint(text) ?? assert.fail();
    assert.deepEqual([checkpoint.origin, checkpoint.size, checkpoint.root], ["sallyport/gw-1/42", 7, root]);
    assert.equal(checkpoint.note.text, `sallyport/gw-1/42\n7\n${encoded}\n`);
    assert.ok(isSignedBy(checkpoint.note, key));
    assert.equal(noteText(checkpoint.note), text);
    // The same key, the same text: Ed25519 signs without chance.
    assert.equal(signer.sign(7, root), text);
  });

  it("are verified as Go's package for notes does", () => {
    const key = readLogKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW") ?? assert.fail();
    const text =
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
      "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const note = parseNote(text) ?? assert.fail();
    assert.ok(isSignedBy(note, key));
    assert.equal(isSignedBy({ ...note, text: `${note.text}x\n` }, key), false);
  });

  it("are not believed of another key, another name, or with a byte changed", () => {
    const { signer, key } = testLogKey();
    const other = testLogKey();
    const text = signer.sign(7, root);
    const note = parseNote(text) ?? assert.fail();
    assert.ok(isSignedBy(note, key));
    assert.equal(isSignedBy(note, other.key), false);
    assert.equal(isSignedBy(parseNote(testLogKey("sallyport/other/1").signer.sign(7, root)) ?? note, key), false);
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      const checkpoint = readCheckpoint(changed);
      assert.ok(checkpoint === undefined || !isSignedBy(checkpoint.note, key), `byte ${at}`);
    }
  });

  it("are nothing else", () => {
    const bad = ["", "\n", "a\n1\n", "a\n1\nx\n\n— a AAAAAAA=\n", "a\n01\nx\n\n— a b\n", "— a b\n"];
    for (const text of bad) assert.equal(readCheckpoint(text), undefined, JSON.stringify(text));
    const keys = ["", "a+b+c", "a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"];
    for (const text of keys) assert.equal(readLogKey(text), undefined, text);
  });
});
