import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue } from "./arguments.ts";
import { type Evaluate, evaluateString } from "./values.ts";

/** Where a `validate-jwt` finds its token; Authorization unless it says otherwise. Undefined: there is none. */
export function linkTokenPlace(node: PolicyNode, clock: Clock): Evaluate<string | undefined> {
  const value = optionalValue(node, "tokenValue");
  if (value !== undefined) return nonEmpty(evaluateString(value, clock));
  const parameter = optionalValue(node, "queryParameter");
  if (parameter !== undefined) return fromQuery(evaluateString(parameter, clock));
  const header = optionalValue(node, "header") ?? { kind: "literal", value: "Authorization" };
  const scheme = optionalValue(node, "requireScheme");
  return fromHeader(evaluateString(header, clock), scheme && evaluateString(scheme, clock));
}

function nonEmpty(evaluate: Evaluate<string>): Evaluate<string | undefined> {
  return (exchange) => withoutScheme(evaluate(exchange));
}

/** A parameter or header sent twice is none: the gateway and the backend might read different ones. */
function fromQuery(name: Evaluate<string>): Evaluate<string | undefined> {
  return (exchange) => {
    const values = new URLSearchParams(exchange.facts.query).getAll(name(exchange));
    return values.length === 1 ? withoutScheme(values[0] as string) : undefined;
  };
}

/** @param scheme what must stand before the token in Authorization, and nowhere else */
function fromHeader(name: Evaluate<string>, scheme: Evaluate<string> | undefined): Evaluate<string | undefined> {
  return (exchange: Exchange) => {
    const field = name(exchange).toLowerCase();
    const [value, more] = exchange.request.headers.all(field);
    if (value === undefined || more !== undefined) return undefined;
    // The text that identity has read: its verdict is then found by a text that has its hash already.
    if (scheme === undefined && value === exchange.authorization) return exchange.shownToken || undefined;
    if (scheme === undefined || field !== "authorization") return withoutScheme(value);
    return behindScheme(value, scheme(exchange));
  };
}

function behindScheme(value: string, scheme: string): string | undefined {
  const [said = "", token, more] = value.split(/ +/);
  return more === undefined && said.toLowerCase() === scheme.toLowerCase() ? token : undefined;
}

/** `Bearer x`, `DPoP x` and `x` are the same token. */
function withoutScheme(text: string): string | undefined {
  const token = text.replace(/^(?:bearer|dpop) +/i, "");
  return token === "" ? undefined : token;
}
