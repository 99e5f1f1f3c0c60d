import { reasons } from "#model/reasons.ts";
import type { SiteResponse } from "#model/site.ts";
import { problem } from "#site/problem.ts";
import { redirect } from "#site/redirect.ts";
import { type AskDraft, askPage } from "./ask-page.ts";
import { acting, showing } from "./with-caller.ts";

/** `/access?approval=…`: asks for access, and shows one's own requests. */
export const showAsk: ReturnType<typeof showing> = showing((visit) => {
  const approval = new URLSearchParams(visit.request.query).get("approval") ?? "";
  return askPage(visit, { approval, reason: "", minutes: "60" });
});

export const sendAsk: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const draft: AskDraft = {
    approval: form.get("approval") ?? "",
    reason: form.get("reason") ?? "",
    minutes: form.get("minutes") ?? "",
  };
  const durationMs = /^\d{1,6}$/.test(draft.minutes) ? Number(draft.minutes) * 60_000 : Number.NaN;
  const requests = visit.ports.access.requests();
  const outcome = await requests.request(visit.caller, { approval: draft.approval, reason: draft.reason, durationMs });
  if (outcome.kind === "done") {
    const detail = `${draft.approval} asked for, ${draft.minutes} min (${outcome.value.id}): ${draft.reason}`;
    return { ...redirect("/.sallyport/access"), detail };
  }
  const { reason, message } = outcome;
  return { ...(await askPage(visit, draft, { status: reasons[reason].status, message })), reason, detail: message };
});

/** Withdraws what waits, or gives back what is in force. */
export const sendEnd: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const requests = visit.ports.access.requests();
  const id = form.get("id") ?? "";
  const found = await requests.get(visit.caller, id);
  if (found.kind === "refused") return problem(visit.request, found.reason, { again: "/.sallyport/access" });
  const isPending = found.value.state === "pending";
  const outcome = isPending ? await requests.withdraw(visit.caller, id) : await requests.revoke(visit.caller, id, "");
  if (outcome.kind === "done")
    return { ...redirect("/.sallyport/access"), detail: `request ${id} is ${outcome.value.state}` };
  return problem(visit.request, outcome.reason, { advice: outcome.message, again: "/.sallyport/access" });
});
