import { createTrustedTokens } from "#identity/trusted-tokens.ts";
import type { Egress, Log, Random, TokenVerdict } from "#model/ports.ts";
import type { StablePorts } from "#pipeline/linked.ts";
import { BodyRoom } from "#policy/body-room.ts";
import type { PolicyObserver } from "#policy/observer.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";
import { attachConcurrency, createConcurrency } from "#threads/concurrency.ts";
import { limiterId } from "#threads/limiter-id.ts";
import { attachLimiter } from "#threads/limiter.ts";
import { createLimiter } from "#threads/limiter-layout.ts";
import type { WorkbenchContext } from "./context.ts";
import { MemoryCache } from "./memory-cache.ts";
import { memoryQuota } from "./memory-quota.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const bodyBytes = 10 * 2 ** 20;
const generation = 1;

export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

const noProvider = {
  ok: false,
  reason: "token-issuer-unknown",
  detail: "the workbench knows no provider",
} as const satisfies TokenVerdict;

/** What policies reach the gateway through: its own counters and token checks, over a network that is made up. */
export function portsFor(
  context: WorkbenchContext,
  clock: VirtualClock,
  random: () => number,
  egress: Egress,
  observer: PolicyObserver,
  transforms: Transforms,
): StablePorts {
  const seeded: Random = { bytes: (count) => Uint8Array.from({ length: count }, () => Math.floor(random() * 256)) };
  return {
    tokens: { verify: () => noProvider, verifyBound: () => noProvider },
    trustedTokens: createTrustedTokens({ egress, clock, log: silentLog }),
    rateLimiter: attachLimiter(createLimiter({ keys: 1024, origin: 0, random: seeded }), generation, clock),
    limiterId,
    quota: memoryQuota(clock),
    concurrency: attachConcurrency(createConcurrency({ columns: 1, keys: 256, random: seeded }), generation, 0),
    clock,
    log: silentLog,
    apiLog: { write: () => {} },
    cache: new MemoryCache(clock, context.cache ?? {}),
    bodies: new BodyRoom(bodyBytes, 4 * bodyBytes),
    transforms,
    policyMeter: { emit: () => {} },
    connections: { token: (provider, name) => `token-of-${provider}-${name}` },
    certificateStatuses: { of: () => ({ status: "unknown", detail: "the workbench asks nobody", until: 0 }) },
    managedIdentity: { token: (resource) => `token-for-${resource}` },
    egress,
    observer,
    random,
    pause: async (ms) => clock.advance(ms),
  };
}
