import { Resolver } from "node:dns/promises";
import type { DnsQueries } from "./endpoints.ts";

const queryMs = 2000;
const tries = 2;

/**
 * Queries that share nothing with the system's look-ups: those run on the thread pool, where a slow one would delay
 * everything else.
 *
 * @param server `address:port`; null: those of the system
 */
export function createNameServer(server: string | null): DnsQueries {
  const resolver = new Resolver({ timeout: queryMs, tries });
  if (server !== null) resolver.setServers([server]);
  return {
    resolve4: (name) => resolver.resolve4(name),
    resolve6: (name) => resolver.resolve6(name),
    resolveSrv: (name) => resolver.resolveSrv(name),
  };
}
