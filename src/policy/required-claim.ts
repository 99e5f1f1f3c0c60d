import { GatewayError } from "#model/errors.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { listOf } from "./arguments.ts";
import type { TokenCheck } from "./token-checks.ts";
import { type Evaluate, evaluateString, isValue } from "./values.ts";

/** Characters of a claim that `context.LastError` quotes. */
const maxQuoted = 200;

/** All that are missing are told at once. */
export function presenceCheck(items: readonly Argument[]): TokenCheck {
  const names = items.map(nameOf);
  return ({ claims }) => {
    const missing = names.filter((name) => claimOf(claims, name) === undefined);
    if (missing.length === 0) return undefined;
    const told = `JWT token is missing the following claims: ${missing.join(", ")}. Access denied.`;
    return { reason: "token-claim-missing", detail: missing.join(", "), told };
  };
}

/** One entry of `requiredClaims`. Comparison is by text, with case. */
export function linkRequiredClaim(item: Argument, clock: Clock): TokenCheck {
  const entries = entriesOf(item);
  const name = nameOf(item);
  const separator = literal(entries["separator"]);
  const any = literal(entries["match"]) === "any";
  const values = listOf(entries["values"])
    .filter(isValue)
    .map((value): Evaluate<string> => evaluateString(value, clock));
  return (token, exchange) => {
    const claim = claimOf(token.claims, name);
    if (values.length === 0 && claim !== undefined) return undefined;
    const sent = claimTexts(claim, separator);
    const holds = (value: Evaluate<string>): boolean => sent.includes(value(exchange));
    return (any ? values.some(holds) : values.every(holds))
      ? undefined
      : { reason: "token-claim-not-allowed", detail: name, told: notAllowed(name, claim) };
  };
}

function notAllowed(name: string, claim: unknown): string {
  const value = scalarsOf(claim).join(",").slice(0, maxQuoted);
  return `Claim ${name} value of ${value} is not allowed. Access denied.`;
}

function claimOf(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

function entriesOf(item: Argument): Readonly<Record<string, Argument>> {
  return item.kind === "map" ? item.entries : {};
}

/** A claim that cannot be told would otherwise be a claim that is not asked for. */
function nameOf(item: Argument): string {
  const name = literal(entriesOf(item)["name"]);
  if (name === undefined) throw new GatewayError("definition-invalid", 500, "validate-jwt: a claim lacks its name");
  return name;
}

function claimTexts(claim: unknown, separator: string | undefined): readonly string[] {
  return typeof claim === "string" && separator !== undefined ? claim.split(separator) : scalarsOf(claim);
}

function scalarsOf(claim: unknown): readonly string[] {
  return Array.isArray(claim) ? claim.flatMap((item: unknown) => scalarTexts(item)) : scalarTexts(claim);
}

/** Objects have no text to compare, so they match nothing. */
function scalarTexts(value: unknown): readonly string[] {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [String(value)] : [];
}

function literal(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value) : undefined;
}
