import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log } from "#model/ports.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { TokenCache } from "#upstream/managed-identity/token-cache.ts";
import { createTokenSource } from "#upstream/managed-identity/token-source.ts";

/** On main: the file of a workload's identity is none that a worker reads, and all workers share one token. */
export function managedIdentity(clock: Clock, log: Log): TokenCache {
  const fetch = createTokenSource({
    env: process.env,
    egress: createEgress({ allow: [], ownAddresses: [], clock }),
    clock,
    readFile: (path) => readFile(path, "utf8"),
    pause: (ms) => sleep(ms),
  });
  return new TokenCache(async (resource, clientId) => {
    try {
      return await fetch(resource, clientId);
    } catch (error) {
      const why = error instanceof GatewayError ? error.message : String(error);
      log.warn("no token of the managed identity", { resource, error: why, ...causeOf(error) });
      throw error;
    }
  }, clock);
}

function causeOf(error: unknown): { readonly cause?: string } {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? { cause: cause.message } : {};
}
