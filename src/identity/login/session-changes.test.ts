import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock, providerOf } from "#identity/testing/doubles.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { GatewayError } from "#model/errors.ts";
import type { SessionFacts, SessionQuestion } from "#model/session.ts";
import { SessionIds } from "./session-id.ts";
import { SessionReader } from "./session-reader.ts";

const issuer = "https://idp.example";
const clock = new ManualClock();
const ids = new SessionIds(createKeyedDigest(createKeyedDigest(new Uint8Array(32))("session ids")));
let made = 0;
const id = ids.make({ bytes: (count) => new Uint8Array(count).fill((made += 1)) });

const facts: SessionFacts = {
  handle: "mine",
  provider: "corp",
  host: "a.test",
  claims: { iss: issuer, sub: "ada" },
  characters: 40,
  createdAt: clock.now(),
  endsAt: clock.now() + 3_600_000,
  idleMs: 600_000,
  seenAt: clock.now(),
  freshUntil: clock.now() + 60_000,
};

/** Main's word, and what happens while it is on its way. */
function readerWith(meanwhile: (reader: SessionReader, turn: number) => void): {
  readonly reader: SessionReader;
  readonly asked: SessionQuestion[];
} {
  const asked: SessionQuestion[] = [];
  const reader: SessionReader = new SessionReader({
    ask: async (question) => {
      asked.push(question);
      await Promise.resolve();
      meanwhile(reader, asked.length);
      return question.host === facts.host ? facts : null;
    },
    ids,
    clock,
    providers: [providerOf(issuer)],
  });
  return { reader, asked };
}

describe("what a worker knows of sessions that change", () => {
  it("does not fail because others log in and out all the time", async () => {
    const { reader, asked } = readerWith((changing, turn) => changing.changed([`other-${turn}`]));
    assert.notEqual(await reader.find(id, "a.test", true), null);
    assert.equal(asked.length, 1);
  });

  it("asks again about a session that changed while it was asked about", async () => {
    const { reader, asked } = readerWith((changing, turn) => turn === 1 && changing.changed(["mine"]));
    assert.notEqual(await reader.find(id, "a.test", true), null);
    assert.equal(asked.length, 2);
  });

  it("asks again when more changed than it can tell apart, and when the definition did", async () => {
    const many = Array.from({ length: 20_001 }, (_, at) => `other-${at}`);
    for (const change of [
      (changing: SessionReader) => changing.changed(many),
      (changing: SessionReader) => changing.update([providerOf(issuer)]),
    ]) {
      const { reader, asked } = readerWith((changing, turn) => turn === 1 && change(changing));
      assert.notEqual(await reader.find(id, "a.test", true), null);
      assert.equal(asked.length, 2);
    }
  });

  it("gives up on a session that never holds still", async () => {
    const { reader } = readerWith((changing) => changing.changed(["mine"]));
    await assert.rejects(
      async () => reader.find(id, "a.test", true),
      (error) => error instanceof GatewayError && error.code === "control-call-failed",
    );
  });

  it("refuses a session at another host there alone", async () => {
    const { reader, asked } = readerWith(() => {});
    assert.equal(await reader.find(id, "b.test", true), null);
    assert.notEqual(await reader.find(id, "a.test", true), null, "asked about anew");
    assert.equal(await reader.find(id, "b.test", true), null);
    assert.notEqual(reader.find(id, "a.test", true), null);
    assert.equal(asked.length, 2, "both words are kept");
  });
});
