import type { AdminCall } from "#admin/call.ts";
import type { AdminPorts } from "#admin/ports.ts";
import { type AdminEvent, type AdminResult, answer, refusal } from "#admin/result.ts";
import type { AccessState, Delegation } from "#model/access-requests.ts";
import type { AccessOutcome } from "#products/access-outcome.ts";
import type { AccessCaller, AccessRequests, NewAccess } from "#products/access-requests.ts";
import { shownApproval, shownDelegation, shownRequest } from "./access-shown.ts";
import { parse } from "./subscriptions.ts";

type Ports = Pick<AdminPorts, "access">;
type Run = (call: AdminCall, ports: Ports) => Promise<AdminResult>;

export async function listApprovals(call: AdminCall, { access }: Ports): Promise<AdminResult> {
  return answer({ approvals: access.approvals(callerOf(call)).map(shownApproval) });
}

export async function listAccess(call: AdminCall, { access }: Ports): Promise<AdminResult> {
  const { query } = call;
  const limit = Number(query.get("limit") ?? 100);
  const state = (query.get("state") ?? null) as AccessState | null;
  const page = await access.list(callerOf(call), { state }, { after: query.get("after") ?? null, limit });
  const next = page.length < limit ? null : (page.at(-1)?.id ?? null);
  return answer({ requests: page.map(shownRequest), next });
}

export async function listWaiting(call: AdminCall, { access }: Ports): Promise<AdminResult> {
  return answer({ requests: (await access.waiting(callerOf(call))).map(shownRequest), next: null });
}

export const readAccess: Run = async (call, { access }) =>
  told(await access.get(callerOf(call), call.name), (request) => answer(shownRequest(request)));

export const requestAccess: Run = (call, { access }) =>
  withNew(call, (asked) => access.request(callerOf(call), asked), "asked for");

export const breakGlass: Run = (call, { access }) =>
  withNew(call, (asked) => access.breakGlass(callerOf(call), asked), "taken in an emergency");

/** One of the decisions that there are; the record of the call says which, by whom, and the comment why. */
export function decideAccess(step: "approve" | "reject" | "withdraw" | "revoke"): Run {
  return async (call, { access }) => {
    const { name, query } = call;
    const comment = query.get("comment") ?? "";
    return told(await taken(access, step, callerOf(call), name, comment), (request) => {
      const why = comment === "" ? "" : `: ${comment}`;
      const detail = `request ${name} for ${request.approval} of ${request.grantee}: ${step}, now ${request.state}${why}`;
      return answer(shownRequest(request), { detail });
    });
  };
}

export const listDelegations: Run = async (call, { access }) =>
  answer({ delegations: (await access.delegations(callerOf(call))).map(shownDelegation) });

export const delegateAccess: Run = async (call, { access }) => {
  const { to, approval = null, durationSeconds, ...more } = parse(call.body);
  const isSound = Object.keys(more).length === 0 && (approval === null || typeof approval === "string");
  if (!isSound || typeof to !== "string" || typeof durationSeconds !== "number") {
    return malformed('the body is not {"to": "ID", "durationSeconds": 3600}, with "approval" if need be');
  }
  const asked = { to, approval: approval as string | null, durationMs: durationSeconds * 1000 };
  return told(await access.delegate(callerOf(call), asked), (delegation) =>
    answer(shownDelegation(delegation), {
      detail: `decisions of ${delegation.from.id} delegated to ${to}`,
      events: [delegationEvent("delegation.made", delegation)],
    }),
  );
};

export const endDelegation: Run = async (call, { access }) =>
  told(await access.endDelegation(callerOf(call), call.name), (delegation) =>
    answer(shownDelegation(delegation), {
      detail: `delegation to ${delegation.to} ended`,
      events: [delegationEvent("delegation.ended", delegation)],
    }),
  );

function delegationEvent(event: "delegation.made" | "delegation.ended", delegation: Delegation): AdminEvent {
  const { id, from, to, approval, endsAt } = delegation;
  const until = new Date(endsAt).toISOString();
  return { event, details: { delegation: id, from: from.id, to, approval, until } };
}

function callerOf({ exchange, hasRole }: AdminCall): AccessCaller {
  return { principal: exchange.principal, isViewer: hasRole("viewer"), isOperator: hasRole("operator") };
}

function taken(
  access: AccessRequests,
  step: "approve" | "reject" | "withdraw" | "revoke",
  caller: AccessCaller,
  id: string,
  comment: string,
): ReturnType<AccessRequests["approve"]> {
  return step === "withdraw" ? access.withdraw(caller, id) : access[step](caller, id, comment);
}

async function withNew(
  { body }: AdminCall,
  work: (asked: NewAccess) => ReturnType<AccessRequests["request"]>,
  done: string,
): Promise<AdminResult> {
  const { approval, reason, durationSeconds, ...more } = parse(body);
  const isSound = Object.keys(more).length === 0 && typeof durationSeconds === "number";
  if (!isSound || typeof approval !== "string" || typeof reason !== "string") {
    return malformed('the body is not {"approval": "…", "reason": "…", "durationSeconds": 3600}');
  }
  return told(await work({ approval, reason, durationMs: durationSeconds * 1000 }), (request) =>
    answer(shownRequest(request), {
      detail: `${approval} ${done} for ${durationSeconds} s (${request.id}): ${reason}`,
    }),
  );
}

function malformed(message: string): AdminResult {
  return refusal("malformed-request", { message, detail: message });
}

function told<T>(outcome: AccessOutcome<T>, done: (value: T) => AdminResult): AdminResult {
  if (outcome.kind === "done") return done(outcome.value);
  const { reason, message } = outcome;
  return refusal(reason, { message, detail: message });
}
