import { type Refusal, refuse } from "#model/decision.ts";
import type { AccessRule } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { AccessPlan } from "#model/snapshot.ts";
import { type Evaluate, evaluateExpression } from "./values.ts";

interface LinkedRule {
  readonly test: Evaluate<unknown>;
  /** `file:line` */
  readonly at: string;
}

const systemClock: Clock = { now: () => Date.now(), mono: () => performance.now() };

/**
 * Links who may call an operation. A deny rule that holds, or fails, refuses. With allow rules one must hold; one
 * that fails does not hold, and when none does the failure is what the refusal names.
 */
export function linkAccess(plan: AccessPlan, clock: Clock = systemClock): (exchange: Exchange) => Refusal | undefined {
  const denies = linkRules(plan.rules, "deny", clock);
  const allows = linkRules(plan.rules, "allow", clock);
  const rules = (exchange: Exchange): Refusal | undefined =>
    denied(denies, exchange) ?? (allows.length === 0 ? undefined : notAllowed(allows, exchange));
  if (plan.clientCertificate) return (exchange) => certificateMissing(exchange) ?? rules(exchange);
  return plan.rules.length === 0 ? () => undefined : rules;
}

/** Of this request's own connection: one that is used again, or was made for another name, is no way around. */
function certificateMissing({ facts: { tls } }: Exchange): Refusal | undefined {
  if (tls !== null && tls.certificate !== null) return undefined;
  const problem = tls?.certificateProblem ?? null;
  if (problem === null) return refuse("certificate-required", { detail: "no client certificate on this connection" });
  return refuse("certificate-not-trusted", { detail: problem });
}

function linkRules(rules: readonly AccessRule[], effect: AccessRule["effect"], clock: Clock): readonly LinkedRule[] {
  return rules
    .filter((rule) => rule.effect === effect)
    .map(({ condition }) => ({
      test: evaluateExpression(condition, clock),
      at: `${condition.at.file}:${condition.at.line}`,
    }));
}

function denied(rules: readonly LinkedRule[], exchange: Exchange): Refusal | undefined {
  for (const rule of rules) {
    const result = evaluate(rule, exchange);
    if (result === true) return refusal(exchange, "access-denied", `deny rule at ${rule.at}`);
    if (result !== false) return refusal(exchange, "access-rule-failed", `deny rule at ${rule.at} failed`);
  }
  return undefined;
}

function notAllowed(rules: readonly LinkedRule[], exchange: Exchange): Refusal | undefined {
  let broken: LinkedRule | undefined;
  for (const rule of rules) {
    const result = evaluate(rule, exchange);
    if (result === true) return undefined;
    if (result !== false) broken ??= rule;
  }
  return broken === undefined
    ? refusal(exchange, "access-denied", `no allow rule held: ${rules.map((rule) => rule.at).join(", ")}`)
    : refusal(exchange, "access-rule-failed", `allow rule at ${broken.at} failed`);
}

/** Undefined for a rule that failed or did not give a bool. */
function evaluate(rule: LinkedRule, exchange: Exchange): boolean | undefined {
  try {
    const result = rule.test(exchange);
    return typeof result === "boolean" ? result : undefined;
  } catch {
    return undefined;
  }
}

/** Nobody in particular is asked to say who they are (401) before being told that they may not (403). */
function refusal(exchange: Exchange, reason: ReasonCode, detail: string): Refusal {
  if (exchange.principal.kind !== "anonymous") return refuse(reason, { detail });
  const note = exchange.identityNote;
  if (note === "certificate-not-trusted") {
    return refuse(note, { detail: `${exchange.facts.tls?.certificateProblem}; ${detail}` });
  }
  const challenge = note === null ? "Bearer" : `Bearer error="invalid_token", error_description="${note}"`;
  return refuse(note ?? "credentials-missing", { headers: ["WWW-Authenticate", challenge], detail });
}
