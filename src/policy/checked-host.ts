import type { Exchange } from "#model/exchange.ts";
import { expressionFailed } from "./failure.ts";
import type { Evaluate } from "./values.ts";

/**
 * Host is always there, and there is one: it can be replaced, by something that is a host.
 * @returns undefined when it stays
 * @throws GatewayError `expression-failed`
 * @see RFC 9110 §7.2
 */
export function checkedHost(
  action: string,
  values: readonly Evaluate<string>[],
  exchange: Exchange,
): string | undefined {
  if (action === "skip") return undefined;
  const value = values.length === 1 ? (values[0] as Evaluate<string>)(exchange) : "";
  if (action === "override" && /^[A-Za-z0-9.\-_:[\]]{1,255}$/.test(value)) return value;
  throw expressionFailed("set-header: Host can only be replaced by one host");
}
