import { randomBytes } from "node:crypto";
import { limiterId } from "#threads/limiter-id.ts";
import { createLimiter } from "#threads/limiter-layout.ts";
import { attachLimiter } from "#threads/limiter.ts";
import type { Subject } from "./subject.ts";

const group = "limiter";
const periodMs = 60_000;

/** A call that is counted and let through, of small limits (exact rings) and large ones (sub-windows). */
export const limiter: readonly Subject[] = [
  subject("16 calls a minute, one key", 16, 1),
  subject("256 calls a minute, one key", 256, 1),
  subject("a million calls a minute, one key", 1_000_000, 1),
  subject("16 calls a minute, 50,000 live keys in turn", 16, 50_000),
  subject("a million calls a minute, 30,000 live keys in turn", 1_000_000, 30_000),
];

function subject(name: string, calls: number, keys: number): Subject {
  return {
    group,
    name,
    prepare: () => {
      let now = 0;
      const shared = createLimiter({ origin: 0, random: { bytes: randomBytes } });
      const rateLimiter = attachLimiter(shared, 1, { mono: () => now });
      const id = limiterId("rate-limit-by-key", calls, periodMs);
      const names = Array.from({ length: keys }, (_, at) => `https://issuer.example|tenant|person-${at}`);
      // As fast as each key may go.
      const step = (periodMs * 1.1) / calls / keys;
      return {
        run: (at) => {
          now += step;
          if (rateLimiter.take(id, names[at % keys] as string, calls, periodMs) < 0) throw new Error("refused");
        },
      };
    },
  };
}
