import type { Exchange } from "#model/exchange.ts";

/** More names than this are not all tried: a refusal stays cheap. */
const most = 8;

/**
 * The approval that would let this request through, found by asking the rules themselves as if the caller had it.
 * Undefined: none alone would.
 * @param names those that the rules ask for
 */
export function missingApproval(
  names: readonly string[],
  exchange: Exchange,
  isAllowed: () => boolean,
): string | undefined {
  const held = exchange.principal.approvals ?? [];
  const wanted = [...new Set(names)].filter((name) => !held.includes(name));
  return wanted.slice(0, most).find((name) => withApproval(exchange, [...held, name], isAllowed));
}

/** The exchange is as before when this returns, whatever happens in between. */
function withApproval(exchange: Exchange, approvals: readonly string[], ask: () => boolean): boolean {
  const { principal } = exchange;
  exchange.principal = Object.freeze({ ...principal, approvals });
  try {
    return ask();
  } finally {
    exchange.principal = principal;
  }
}
