import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import { explainSession } from "./explain-session.ts";
import type { Found } from "./search-query.ts";
import { type EachRecord, traceSession } from "./session-trace.ts";
import { paint } from "./terminal-text.ts";

const ann = { kind: "user", id: "corp||ann", authMethod: "token" };
let seq = 0;

function record(more: object, status = 200): StoredRecord {
  seq += 1;
  const made = {
    id: `r${seq}`,
    seq,
    time: `2026-03-01T12:00:${String(seq).padStart(2, "0")}.000Z`,
    principal: ann,
    route: { api: "orders", operation: "list", template: "/" },
    decision: status < 400 ? "allow" : "deny",
    status,
    handovers: [],
    reasons: [],
    ...more,
  };
  return made as unknown as StoredRecord;
}

function event(name: string, details: object): StoredEvent {
  seq += 1;
  return {
    id: `e${seq}`,
    seq,
    time: "2026-03-01T12:00:00.000Z",
    principal: ann,
    event: name,
    details,
  } as unknown as StoredEvent;
}

const all: readonly Found[] = [
  event("login.succeeded", { session: "handle-1", providerSession: "sid-1", subject: "ann", token: "digest-0" }),
  record({ sessionId: "handle-1", principal: { ...ann, authMethod: "session" } }),
  record({ sessionId: "sid-1", tokenId: "t1", tokenDigest: "digest-1", clientId: "app" }),
  record({ sessionId: "sid-1", tokenId: "t1", tokenDigest: "digest-1", clientId: "app" }, 403),
  event("session.refreshed", { session: "handle-1", token: "digest-2" }),
  event("token.exchanged", { connection: "corp/api", from: "digest-1", token: "digest-3" }),
  record({
    tokenDigest: "digest-3",
    unlinked: true,
    principal: { ...ann, actors: ["corp||bot"], agent: "corp||bot" },
    route: undefined,
  }),
  record({ tokenDigest: "digest-2", unlinked: true }),
  record({ sessionId: "other", tokenDigest: "digest-9", tokenId: "t9" }),
  event("session.ended", { session: "handle-1", why: "logout" }),
  // Whoever has ended others' sessions is of another login.
  { ...event("session.ended", { session: "handle-8", why: "admin" }), sessionId: "sid-1" },
  record({ tokenId: "lone", tokenDigest: "digest-7", unlinked: true }),
];

const each: EachRecord = async (query, onMatch) => {
  for (const one of all) if (query.matches(one)) onMatch(one);
};
const range = { fromMs: 0, toMs: Infinity };

describe("the trace of a login", () => {
  it("is the same from whichever name it begins, and holds refreshed, exchanged and agents' tokens", async () => {
    for (const name of ["handle-1", "sid-1", "t1", "digest-1", "digest-3", "digest-0"]) {
      const trace = await traceSession(each, name, range);
      assert.deepEqual([...trace.sessions].toSorted(), ["handle-1", "sid-1"], name);
      assert.deepEqual(
        trace.tokens.map(({ digest, requests, denied, agent, unlinked }) => [
          digest,
          requests,
          denied,
          agent,
          unlinked,
        ]),
        [
          [null, 1, 0, null, false],
          ["digest-1", 2, 1, null, false],
          ["digest-3", 1, 0, "corp||bot", false],
          ["digest-2", 1, 0, null, false],
        ],
      );
      assert.deepEqual(trace.unused, ["digest-0"]);
      assert.equal(trace.requests, 5);
      assert.deepEqual(trace.operations, [
        { name: "orders / list", requests: 4, denied: 1 },
        { name: "no operation", requests: 1, denied: 0 },
      ]);
      assert.equal(trace.events.at(-1)?.event, "session.ended");
    }
  });

  it("of a token that says no session is that token alone", async () => {
    const trace = await traceSession(each, "lone", range);
    assert.deepEqual([trace.sessions, trace.requests, trace.tokens[0]?.unlinked], [[], 1, true]);
    assert.match(explainSession(trace, paint(false)), /^Unlinked token: /);
  });

  it("knows nothing of names of nobody", async () => {
    const { requests, events } = await traceSession(each, "ann", range);
    assert.deepEqual([requests, events], [0, []]);
  });

  it("is told so that a person reads it", async () => {
    const text = explainSession(await traceSession(each, "handle-1", range), paint(false));
    assert.match(text, /^Login handle-1, sid-1$/m);
    assert.match(text, /token id t1, digest digest-1, client app/);
    assert.match(text, /with corp\|\|bot acting, agent corp\|\|bot/);
    assert.match(text, /orders \/ list: 4 requests, 1 denied/);
    assert.match(text, /digest-0: never shown to this gateway/);
  });
});
