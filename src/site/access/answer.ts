import { html } from "#lib/html.ts";
import type { SiteResponse } from "#model/site.ts";
import type { AnswerLink } from "#products/answer-links.ts";
import { page } from "#site/page.ts";
import { problem } from "#site/problem.ts";
import { waitingText } from "./decide.ts";
import { type AccessVisit, acting, showing } from "./with-caller.ts";

const here = "/.sallyport/access/answer";

/** `/access/answer?link=…`: where a mail leads an approver. Looking changes nothing: mail servers follow links, too. */
export const showAnswer: ReturnType<typeof showing> = showing(async (visit) => {
  const text = new URLSearchParams(visit.request.query).get("link") ?? "";
  const link = await readLink(visit, text);
  if (link === null) return notValid(visit);
  const found = await visit.ports.access.requests().get(visit.caller, link.request);
  if (found.kind === "refused") return problem(visit.request, "approver-not-allowed", { detail: found.message });
  const token = visit.ports.access.guard.token(visit.principal);
  const content = html`${waitingText(found.value)}
    <form method="post" action="${here}">
      <input type="hidden" name="token" value="${token}" /><input type="hidden" name="link" value="${text}" />
      <p>
        <label>Comment<br /><input name="comment" maxlength="500" /></label>
      </p>
      <button name="step" value="approve">Approve</button> <button name="step" value="reject">Reject</button>
    </form>`;
  return page("Decide about access", content);
});

/** The link says which request; who decides is whoever is known here, under the same rules as anywhere. */
export const sendAnswer: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const link = await readLink(visit, form.get("link") ?? "");
  if (link === null) return notValid(visit);
  const [step = "", comment = ""] = ["step", "comment"].map((name) => form.get(name));
  if (step !== "approve" && step !== "reject") return problem(visit.request, "malformed-request");
  const { requests, once } = visit.ports.access;
  const outcome = await requests()[step](visit.caller, link.request, comment);
  if (outcome.kind === "refused") {
    const { reason, message } = outcome;
    return problem(visit.request, reason, { advice: `${message}.`, detail: message });
  }
  await once.use(nameOf(link), link.until);
  const { approval, state } = outcome.value;
  const detail = `request ${link.request} for ${approval}: ${step} by link, now ${state}`;
  return { ...page("Thank you", html`<p>The request for <strong>${approval}</strong> is ${state}.</p>`), detail };
});

async function readLink({ ports }: AccessVisit, text: string): Promise<AnswerLink | null> {
  const link = ports.access.links.read(text, ports.clock.now());
  return link === null || (await ports.access.once.isUsed(nameOf(link))) ? null : link;
}

function nameOf({ nonce }: AnswerLink): string {
  return `link ${nonce}`;
}

function notValid({ request }: AccessVisit): SiteResponse {
  return problem(request, "link-not-valid", { again: "/.sallyport/access/decide" });
}
