import { randomBytes } from "node:crypto";
import { createKeyedDigest } from "#lib/keyed-digest.ts";
import { createKeyIndex, type SharedKeyIndex } from "#threads/key-index.ts";
import { createKeyLookup, KeyIndexReader } from "#threads/key-reader.ts";

/**
 * One look-up of a subscription key as a request makes it, digest included, with 10 and with 1,000,000 subscriptions;
 * and what a key costs in memory that all workers share.
 */
const lookups = 400_000;
const asked = 10;

interface Measured {
  readonly nanoseconds: number;
  readonly allInTurn: number;
  readonly bytes: number;
}

function measure(subscriptions: number): Measured {
  const digest = createKeyedDigest(randomBytes(32));
  let handle: SharedKeyIndex | undefined;
  const index = createKeyIndex({ onSwap: (next) => (handle = next) });
  const keys: string[] = [];
  for (let at = 0; at < subscriptions; at += 1) {
    const key = `sp_${randomBytes(32).toString("base64url")}`;
    keys.push(key);
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
  }
  const reader = new KeyIndexReader(index.handle);
  const { find } = createKeyLookup(reader, digest);
  const run = (count: number, of: number): number => {
    const started = performance.now();
    for (let at = 0; at < count; at += 1) if (find(keys[at % of] as string) === undefined) throw new Error("not found");
    return ((performance.now() - started) * 1e6) / count;
  };
  run(lookups / 4, asked);
  const middle = (of: number): number =>
    Math.round(Array.from({ length: 5 }, () => run(lookups, of)).toSorted((left, right) => left - right)[2] ?? 0);
  return { nanoseconds: middle(asked), allInTurn: middle(subscriptions), bytes: sizeOf(index.handle) / subscriptions };
}

/** All shared memory that hangs on the handle. */
function sizeOf(value: unknown, seen: Set<unknown> = new Set()): number {
  if (value instanceof SharedArrayBuffer) return value.byteLength;
  if (ArrayBuffer.isView(value)) return value.buffer.byteLength;
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  return Object.values(value).reduce((sum: number, one) => sum + sizeOf(one, seen), 0);
}

const [few, many] = [measure(10), measure(1_000_000)];
process.stdout.write(
  `10 subscriptions, 10 keys asked for: ${few.nanoseconds} ns a look-up
1,000,000 subscriptions, the same 10 keys: ${many.nanoseconds} ns (${(many.nanoseconds / few.nanoseconds).toFixed(2)} times)
1,000,000 subscriptions, all keys in turn: ${many.allInTurn} ns (${(many.allInTurn / few.nanoseconds).toFixed(2)} times: cache misses)
shared memory with 1,000,000 subscriptions: ${Math.round(many.bytes)} bytes a key
`,
);
