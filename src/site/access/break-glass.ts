import { reasons } from "#model/reasons.ts";
import type { SiteResponse } from "#model/site.ts";
import { redirect } from "#site/redirect.ts";
import type { AskDraft } from "./ask-page.ts";
import { breakGlassPage } from "./break-glass-page.ts";
import { acting, showing } from "./with-caller.ts";

/** `/access/break-glass?approval=…`: takes access in an emergency. */
export const showBreakGlass: ReturnType<typeof showing> = showing((visit) => {
  const approval = new URLSearchParams(visit.request.query).get("approval") ?? "";
  return breakGlassPage(visit, { approval, reason: "", minutes: "30" });
});

/** Nobody breaks it by a click alone: what is taken has to be written down, by name. */
export const sendBreakGlass: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const [approval = "", reason = "", minutes = "", confirmation = ""] = [
    "approval",
    "reason",
    "minutes",
    "confirm",
  ].map((name) => form.get(name));
  const draft: AskDraft = { approval, reason, minutes };
  if (confirmation.trim() !== approval) {
    const message = `To confirm, write ${approval}.`;
    const page = await breakGlassPage(visit, draft, { status: 400, message });
    return { ...page, reason: "malformed-request", detail: "the glass was not broken: no confirmation" };
  }
  const durationMs = /^\d{1,6}$/.test(minutes) ? Number(minutes) * 60_000 : Number.NaN;
  const outcome = await visit.ports.access.requests().breakGlass(visit.caller, { approval, reason, durationMs });
  if (outcome.kind === "done") {
    const detail = `${approval} taken in an emergency, ${minutes} min (${outcome.value.id}): ${reason}`;
    return { ...redirect("/.sallyport/access"), detail };
  }
  const { reason: why, message } = outcome;
  const page = await breakGlassPage(visit, draft, { status: reasons[why].status, message });
  return { ...page, reason: why, detail: message };
});
