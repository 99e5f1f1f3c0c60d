import type { AccessStep } from "#model/access-requests.ts";
import type { ApproverPlan, PartyRule } from "#model/approvals.ts";

/** What a rule is, as text: an approval given under a rule that the definition no longer has does not count. */
export function ruleKey(rule: PartyRule): string {
  if (rule.kind === "principal") return `principal ${rule.id}`;
  if (rule.kind === "cel") return `cel ${rule.condition.source}`;
  return rule.kind === "group" ? `group ${rule.group}` : `role ${rule.role}`;
}

export function votesOf(steps: readonly AccessStep[]): readonly AccessStep[] {
  return steps.filter(({ step }) => step === "approve" || step === "grant");
}

/** Everybody whose word has been given, by themselves or by a delegate: nobody counts twice. */
export function votersOf(steps: readonly AccessStep[]): ReadonlySet<string> {
  const parties = votesOf(steps).flatMap(({ by, behalfOf }) => [by, behalfOf]);
  return new Set(parties.flatMap((party) => (party === null ? [] : [party.id])));
}

/** Whether these approvals are all that it takes. Those whose rules are gone count for nothing. */
export function isEnough(plan: ApproverPlan, votes: readonly (readonly string[])[]): boolean {
  const keys = plan.rules.map(ruleKey);
  const counting = votes.filter((vote) => vote.some((key) => keys.includes(key)));
  if (plan.kind === "anyOf") return counting.length >= 1;
  if (plan.kind === "atLeast") return counting.length >= plan.count;
  return eachHasItsOwn(keys, counting);
}

/** A person for each rule, all of them different: a matching, found by augmenting paths. */
function eachHasItsOwn(keys: readonly string[], votes: readonly (readonly string[])[]): boolean {
  const taken = new Map<number, string>();
  const place = (key: string, tried: Set<number>): boolean =>
    votes.some((vote, at) => {
      if (tried.has(at) || !vote.includes(key)) return false;
      tried.add(at);
      const before = taken.get(at);
      if (before !== undefined && !place(before, tried)) return false;
      taken.set(at, key);
      return true;
    });
  return keys.length > 0 && keys.every((key) => place(key, new Set()));
}
