import { randomBytes } from "node:crypto";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { createKeyIndex, type SharedKeyIndex } from "#threads/key-index.ts";
import { createKeyLookup, KeyIndexReader } from "#threads/key-reader.ts";
import type { Subject } from "./subject.ts";

const group = "keys";

/** A subscription key as a request has it looked up, digest included, with few and many subscriptions. */
export const keys: readonly Subject[] = [
  subject("10 subscriptions, 10 keys", 10, 10),
  subject("1,000,000 subscriptions, the same 10 keys", 1_000_000, 10),
  subject("1,000,000 subscriptions, all keys in turn", 1_000_000, 1_000_000),
];

interface Filled {
  readonly find: (key: string) => unknown;
  readonly keys: readonly string[];
  /** Shared memory. */
  readonly bytes: number;
}

/** The last one made: a million of them takes seconds, and two subjects ask it. */
let made: Filled | undefined;

function subject(name: string, subscriptions: number, asked: number): Subject {
  return {
    group,
    name,
    prepare: () => {
      if (made?.keys.length !== subscriptions) made = fill(subscriptions);
      const { find, keys: known, bytes } = made;
      return {
        run: (at) => {
          if (find(known[at % asked] as string) === undefined) throw new Error("not found");
        },
        note: subscriptions > asked ? `${Math.round(bytes / subscriptions)} bytes of shared memory a key` : "",
      };
    },
  };
}

function fill(subscriptions: number): Filled {
  const digest = createKeyedDigest(randomBytes(32));
  let handle: SharedKeyIndex | undefined;
  const index = createKeyIndex({ onSwap: (next) => (handle = next) });
  const added = Array.from({ length: subscriptions }, (_, at) => {
    const key = `sp_${randomBytes(32).toString("base64url")}`;
    const facts = {
      createdAt: Date.now(),
      startedAt: Date.now(),
      endsAt: null,
      owner: `user-${at}`,
      displayName: null,
    };
    const opens = { subscription: `team-${at}`, scope: "product:starter", state: "active", slot: "primary" } as const;
    index.set(digest(key), { ...opens, facts });
    if (handle !== undefined) index.releaseOld();
    return key;
  });
  const { find } = createKeyLookup(new KeyIndexReader(index.handle), digest);
  return { find, keys: added, bytes: sizeOf(index.handle) };
}

/** All shared memory that hangs on the handle. */
function sizeOf(value: unknown, seen: Set<unknown> = new Set()): number {
  if (value instanceof SharedArrayBuffer) return value.byteLength;
  if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  return Object.values(value).reduce((sum: number, one) => sum + sizeOf(one, seen), 0);
}
