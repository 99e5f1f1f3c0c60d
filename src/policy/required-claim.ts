import { GatewayError } from "#model/errors.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { listOf } from "./arguments.ts";
import type { TokenCheck } from "./token-checks.ts";
import { type Evaluate, evaluateString, isValue } from "./values.ts";

/** One entry of `requiredClaims`. Comparison is by text, with case. */
export function linkRequiredClaim(item: Argument, clock: Clock): TokenCheck {
  const entries = item.kind === "map" ? item.entries : {};
  const name = literal(entries["name"]);
  // A claim that cannot be told would otherwise be a claim that is not asked for.
  if (name === undefined) throw new GatewayError("definition-invalid", 500, "validate-jwt: a claim lacks its name");
  const separator = literal(entries["separator"]);
  const any = literal(entries["match"]) === "any";
  const values = listOf(entries["values"])
    .filter(isValue)
    .map((value): Evaluate<string> => evaluateString(value, clock));
  return (token, exchange) => {
    const claim = Object.hasOwn(token.claims, name) ? token.claims[name] : undefined;
    if (claim === undefined || claim === null) return { reason: "token-claim-missing", detail: name };
    if (values.length === 0) return undefined;
    const sent = claimTexts(claim, separator);
    const holds = (value: Evaluate<string>): boolean => sent.includes(value(exchange));
    return (any ? values.some(holds) : values.every(holds))
      ? undefined
      : { reason: "token-claim-not-allowed", detail: name };
  };
}

function claimTexts(claim: unknown, separator: string | undefined): readonly string[] {
  if (Array.isArray(claim)) return claim.flatMap((item: unknown) => scalarTexts(item));
  return typeof claim === "string" && separator !== undefined ? claim.split(separator) : scalarTexts(claim);
}

/** Objects have no text to compare, so they match nothing. */
function scalarTexts(value: unknown): readonly string[] {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}

function literal(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value) : undefined;
}
