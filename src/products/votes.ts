import type { AccessStep, Party } from "#model/access-requests.ts";
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

/** Everybody whose word has been given, by themselves or by a delegate: nobody counts twice, in whichever guise. */
export function votersOf(steps: readonly AccessStep[]): readonly Party[] {
  return votesOf(steps).flatMap(({ by, behalfOf }) => [by, behalfOf].filter((party) => party !== null));
}

/** How somebody who has given their word stands now. */
export interface VoterStanding {
  /** Of the directory, where it decides about groups; null: what was known then is all that is known. */
  readonly groups: readonly string[] | null;
}

/**
 * The rules that a word counts for by now: none when whoever gave it, or in whose place, is not let in any more, and none
 * of a group that they have left.
 * @param standing null: not let in
 */
export function rulesNow(
  { by, behalfOf, rules }: AccessStep,
  standing: (party: Party) => VoterStanding | null,
): readonly string[] {
  const parties = [by, behalfOf].filter((party) => party !== null);
  const now = parties.map(standing);
  if (now.some((one) => one === null)) return [];
  // The rules mean whoever the word is of: the last one, where a delegate has given it.
  const groups = now.at(-1)?.groups ?? null;
  return groups === null ? rules : rules.filter((key) => !key.startsWith("group ") || groups.includes(key.slice(6)));
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
