import assert from "node:assert/strict";
import { it } from "node:test";
import type { RevocationChange } from "#model/identity-revocation.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { Revocations } from "./revocations.ts";

it("a token that whoever acts has shown is revoked by itself, and so is its bearer", () => {
  const agent: Principal = {
    ...anonymous,
    id: "i||bot",
    kind: "agent",
    clientId: "bot",
    tokenId: "t1",
    tokenDigest: "d1",
  };
  const ann: Principal = {
    ...anonymous,
    id: "i||ann",
    kind: "user",
    actor: { ...anonymous, id: "i||desk", actor: agent },
  };
  for (const [kind, id, reason] of [
    ["token", "t1", "token-revoked"],
    ["token", "d1", "token-revoked"],
    ["agent", "bot", "principal-revoked"],
    ["token", "other", undefined],
  ] as const) {
    const known = new Revocations([], { now: () => 0 });
    const put = { kind, id, reason: "", until: null, by: "ops", at: 0 };
    known.apply({ put } as unknown as RevocationChange);
    assert.equal(known.refusalOf(ann)?.reason, reason, `${kind} ${id}`);
  }
});
