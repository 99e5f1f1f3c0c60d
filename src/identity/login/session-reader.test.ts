import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { beforeEach, describe, it } from "node:test";
import { ManualClock, providerOf } from "#identity/testing/doubles.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import type { SessionFacts, SessionQuestion } from "#model/session.ts";
import { sessionDigest, SessionIds } from "./session-id.ts";
import { SessionReader } from "./session-reader.ts";

const issuer = "https://login.example.com";
const host = "app.example.com";

describe("what a worker knows of sessions", () => {
  let clock: ManualClock;
  let asked: SessionQuestion[];
  let answer: (question: SessionQuestion) => Promise<SessionFacts | null>;
  let reader: SessionReader;
  let ids: SessionIds;
  let id: string;

  const facts = (parts: Partial<SessionFacts> = {}): SessionFacts => ({
    handle: "h",
    provider: "corp",
    host,
    claims: { iss: issuer, sub: "ada", groups: ["staff"] },
    characters: 60,
    createdAt: clock.now(),
    endsAt: clock.now() + 3_600_000,
    idleMs: 600_000,
    seenAt: clock.now(),
    freshUntil: clock.now() + 60_000,
    ...parts,
  });

  beforeEach(() => {
    clock = new ManualClock();
    asked = [];
    answer = async () => facts();
    ids = new SessionIds(createKeyedDigest(randomBytes(32)));
    id = ids.make({ bytes: (count) => randomBytes(count) });
    reader = new SessionReader({
      ids,
      clock,
      providers: [providerOf(issuer)],
      ask: async (question) => {
        asked.push(question);
        return answer(question);
      },
    });
  });

  it("is asked of main once, for all requests that come meanwhile, and then not again", async () => {
    const [one, two] = await Promise.all([reader.find(id, host, true), reader.find(id, host, true)]);
    assert.equal(one?.principal, two?.principal);
    assert.deepEqual([one?.principal.authMethod, one?.principal.sessionId], ["session", "h"]);
    assert.ok(!(reader.find(id, host, true) instanceof Promise));
    assert.deepEqual(asked, [{ digest: sessionDigest(id), host, isUsed: true }]);
  });

  it("is nothing where the id was invented, without main being asked", async () => {
    for (const invented of [
      randomBytes(48).toString("base64url"),
      "",
      "x".repeat(64),
      `${id.slice(0, -1)}!`,
      `${id}A`,
    ]) {
      assert.equal(await reader.find(invented, host, true), null);
    }
    assert.equal(asked.length, 0);
  });

  it("is void as soon as a session has changed, also while main is asked", async () => {
    await reader.find(id, host, true);
    reader.changed(["h"]);
    const { promise, resolve } = Promise.withResolvers<SessionFacts | null>();
    answer = () => promise;
    const pending = reader.find(id, host, true);
    answer = async () => null;
    await Promise.resolve();
    reader.changed(["h"]);
    resolve(facts());
    assert.equal(await pending, null, "the answer that was on its way is that of before");
    assert.equal(asked.length, 3);
  });

  it("is renewed while requests go on, and waited for when it is old", async () => {
    await reader.find(id, host, true);
    clock.advance(31_000);
    assert.ok(!(reader.find(id, host, true) instanceof Promise));
    assert.equal(asked.length, 2);
    clock.advance(100_000);
    assert.ok(reader.find(id, host, true) instanceof Promise);
  });

  it("is good at its own host alone, and not beyond another definition", async () => {
    await reader.find(id, host, true);
    answer = async ({ host: where }) => (where === host ? facts() : null);
    assert.equal(await reader.find(id, "other.example.com", true), null);
    reader.update([providerOf("https://another.example.com")]);
    assert.equal(await reader.find(id, host, true), null, "the provider of that name knows other people");
  });

  it("does not take a review for somebody's doing", async () => {
    await reader.find(id, host, false);
    assert.equal(asked[0]?.isUsed, false);
  });
});
