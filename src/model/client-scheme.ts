import type { RequestFacts } from "./exchange.ts";

/**
 * What the client speaks, as far as anybody knows: a proxy that is believed says so in the last value of
 * X-Forwarded-Proto, as it does to upstreams; else it is the connection's.
 */
export function clientScheme({ scheme, peerTrusted, headers }: RequestFacts): "http" | "https" {
  if (!peerTrusted) return scheme;
  const told = headers.joined("x-forwarded-proto")?.split(",").at(-1)?.trim().toLowerCase();
  return told === "http" || told === "https" ? told : scheme;
}
