import { SessionIds } from "#identity/login/session-id.ts";
import { createKeyedDigest } from "#lib/keyed-digest.ts";

/** The same on main and on all workers. The pepper's other use is apart: a key of its own is derived from it. */
export function keyedIds(pepper: Uint8Array): SessionIds {
  return new SessionIds(createKeyedDigest(createKeyedDigest(pepper)("session ids")));
}
