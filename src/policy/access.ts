import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Challenge, Clock } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { AccessPlan } from "#model/snapshot.ts";
import { type LinkedRule, linkRules, type RuleValue, valueOf } from "./access-rules.ts";
import { noteGroups } from "./groups-asked.ts";
import { missingApproval } from "./missing-approval.ts";

const systemClock: Clock = { now: () => Date.now(), mono: () => performance.now() };
const bare: Challenge = () => ["WWW-Authenticate", "Bearer"];

/** Who may call an operation, linked. */
export interface LinkedAccess {
  /** Undefined: the caller may. */
  readonly decide: (exchange: Exchange) => Refusal | undefined;
  /** Every rule with its value, for whoever wants to know why; decides nothing. */
  readonly explain: (exchange: Exchange) => readonly JudgedRule[];
}

/** A rule and what it gives for one request. */
export interface JudgedRule {
  readonly effect: LinkedRule["effect"];
  readonly at: string;
  readonly source: string;
  readonly reason: LinkedRule["reason"];
  readonly value: RuleValue;
}

interface RuleSet {
  readonly denies: readonly LinkedRule[];
  readonly allows: readonly LinkedRule[];
}

/** Why not, before it is said to anybody. */
interface Finding {
  readonly reason: ReasonCode;
  readonly detail: string;
}

/**
 * Links who may call an operation. A deny rule that holds, or fails, refuses. With allow rules one must hold; one
 * that fails does not hold, and when none does the failure is what the refusal names.
 */
export function linkAccess(plan: AccessPlan, clock: Clock = systemClock, challenge: Challenge = bare): LinkedAccess {
  const linked = linkRules(plan.rules, clock);
  const rules: RuleSet = {
    denies: linked.filter(({ effect }) => effect === "deny"),
    allows: linked.filter(({ effect }) => effect === "allow"),
  };
  const explain: LinkedAccess["explain"] = (exchange) =>
    linked.map((rule) => {
      const { effect, at, source, reason } = rule;
      return { effect, at, source, reason, value: valueOf(rule, exchange) };
    });
  return { decide: decider(plan, rules, challenge), explain };
}

function decider({ clientCertificate }: AccessPlan, rules: RuleSet, challenge: Challenge): LinkedAccess["decide"] {
  const byRules = (exchange: Exchange): Refusal | undefined => {
    const finding = judge(rules, exchange);
    return finding === undefined ? undefined : refusal(rules, exchange, finding, challenge);
  };
  if (clientCertificate) return (exchange) => certificateMissing(exchange) ?? byRules(exchange);
  return rules.denies.length + rules.allows.length === 0 ? () => undefined : byRules;
}

/** Of this request's own connection: one that is used again, or was made for another name, is no way around. */
function certificateMissing({ facts: { tls } }: Exchange): Refusal | undefined {
  if (tls !== null && tls.certificate !== null) return undefined;
  const problem = tls?.certificateProblem ?? null;
  if (problem === null) return refuse("certificate-required", { detail: "no client certificate on this connection" });
  return refuse("certificate-not-trusted", { detail: problem });
}

function judge({ denies, allows }: RuleSet, exchange: Exchange): Finding | undefined {
  return denied(denies, exchange) ?? (allows.length === 0 ? undefined : notAllowed(allows, exchange));
}

function denied(rules: readonly LinkedRule[], exchange: Exchange): Finding | undefined {
  for (const rule of rules) {
    const value = valueOf(rule, exchange);
    if (value === true) {
      noteGroups(exchange, rule.groups);
      return { reason: rule.reason ?? "access-denied", detail: `deny rule at ${rule.at}` };
    }
    if (value !== false) return { reason: "access-rule-failed", detail: `deny rule at ${rule.at} failed` };
  }
  return undefined;
}

function notAllowed(rules: readonly LinkedRule[], exchange: Exchange): Finding | undefined {
  let broken: LinkedRule | undefined;
  for (const rule of rules) {
    const value = valueOf(rule, exchange);
    if (value === true) {
      noteGroups(exchange, rule.groups);
      return undefined;
    }
    if (value !== false) broken ??= rule;
  }
  if (broken !== undefined) return { reason: "access-rule-failed", detail: `allow rule at ${broken.at} failed` };
  const reason = rules.find((rule) => rule.reason !== undefined)?.reason ?? "access-denied";
  return { reason, detail: `no allow rule held: ${rules.map(({ at }) => at).join(", ")}` };
}

/** Nobody in particular is asked to say who they are (401) before being told that they may not (403). */
function refusal(rules: RuleSet, exchange: Exchange, { reason, detail: what }: Finding, challenge: Challenge): Refusal {
  const detail = exchange.principal.groupsLeftOut === true ? `${what}; ${groupsNote}` : what;
  const { kind, authMethod } = exchange.principal;
  const isSomebody = kind !== "anonymous" && authMethod !== "subscription-key";
  if (isSomebody) return refusalOfSomebody(rules, exchange, { reason, detail });
  const note = exchange.identityNote;
  if (note === "certificate-not-trusted") {
    return refuse(note, { detail: `${exchange.facts.tls?.certificateProblem}; ${detail}` });
  }
  const headers = challenge(exchange, note === "session-ended" ? null : note);
  return refuse(note ?? "credentials-missing", { headers, detail });
}

/** Where an approval alone is missing, that is the reason, whatever the rules name. */
function refusalOfSomebody(rules: RuleSet, exchange: Exchange, { reason, detail }: Finding): Refusal {
  const names = [...rules.denies, ...rules.allows].flatMap(({ approvals }) => approvals);
  const { groupsAsked } = exchange;
  const approval = missingApproval(names, exchange, () => judge(rules, exchange) === undefined);
  // What would have decided has not.
  exchange.groupsAsked = groupsAsked;
  if (approval === undefined) return refuse(reason, { detail });
  return refuse("approval-required", { approval, detail: `the approval ${approval} is missing; ${detail}` });
}

const groupsNote =
  "the token leaves the groups out, there are too many: add graph: true to the provider, assign groups to the application, or use app roles";
