import type { Exchange } from "#model/exchange.ts";

/** Of a 401 that says nothing else. The host was validated by the edge, so it cannot break out of the quotes. */
export function bearerChallenge({ facts }: Exchange): string {
  return `Bearer realm="${facts.host}"`;
}
