import type { AccessRequest, AccessStep, Delegation, Party } from "#model/access-requests.ts";
import type { Approval, PartyRule } from "#model/approvals.ts";

export function shownApproval({ approval, mayAsk }: { readonly approval: Approval; readonly mayAsk: boolean }): object {
  const { name, description, opens, maxDurationMs, approvers, breakGlass } = approval;
  return {
    name,
    description,
    opens,
    maxDurationSeconds: maxDurationMs / 1000,
    approvers: { way: approvers.kind, count: countOf(approval), of: approvers.rules.map(ruleText) },
    breakGlassSeconds: breakGlass === null ? null : breakGlass.maxDurationMs / 1000,
    mayAsk,
  };
}

function countOf({ approvers }: Approval): number {
  if (approvers.kind === "atLeast") return approvers.count;
  return approvers.kind === "anyOf" ? 1 : approvers.rules.length;
}

function ruleText(rule: PartyRule): string {
  if (rule.kind === "cel") return rule.condition.source;
  if (rule.kind === "principal") return rule.id;
  return rule.kind === "group" ? `group ${rule.group}` : `role ${rule.role}`;
}

export function shownRequest(request: AccessRequest): object {
  const { id, approval, grantee, requester, reason, durationMs, state, isBreakGlass, steps } = request;
  return {
    id,
    approval,
    state,
    requester: shownParty(requester),
    grantee,
    reason,
    durationSeconds: durationMs / 1000,
    breakGlass: isBreakGlass,
    createdAt: timeText(request.createdAt),
    answerBy: timeText(request.answerBy),
    startsAt: timeText(request.startsAt),
    endsAt: timeText(request.endsAt),
    steps: steps.map(shownStep),
  };
}

function shownStep({ step, by, behalfOf, comment, at }: AccessStep): object {
  return {
    step,
    by: by === null ? null : shownParty(by),
    behalfOf: behalfOf === null ? null : shownParty(behalfOf),
    comment,
    at: timeText(at),
  };
}

function shownParty({ id, kind, name, email, actors }: Party): object {
  return { id, kind, name, email, actors };
}

export function shownDelegation({ id, from, to, approval, startsAt, endsAt }: Delegation): object {
  return { id, from: from.id, to, approval, startsAt: timeText(startsAt), endsAt: timeText(endsAt) };
}

function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
