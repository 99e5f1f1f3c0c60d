import { type Html, html } from "#lib/html.ts";
import type { AccessRequest } from "#model/access-requests.ts";
import type { SiteResponse } from "#model/site.ts";
import { page } from "#site/page.ts";
import { problem } from "#site/problem.ts";
import { redirect } from "#site/redirect.ts";
import { timeText } from "./ask-page.ts";
import { acting, showing } from "./with-caller.ts";

const here = "/.sallyport/access/decide";

/** `/access/decide`: what waits for one's word. */
export const showDecide: ReturnType<typeof showing> = showing(async ({ caller, principal, ports }) => {
  const { requests, guard } = ports.access;
  const waiting = await requests().waiting(caller);
  const token = guard.token(principal);
  const content = html`<p><small>You are ${principal.displayName ?? principal.id}.</small></p>
    ${
      waiting.length === 0
        ? html`<p>Nothing waits for your word.</p>`
        : html`<ul>
            ${waiting.map((request) => waitingItem(request, token))}
          </ul>`
    }
    <p><a href="/.sallyport/access">Ask for access</a></p>`;
  return page("Decide about access", content);
});

export const sendDecide: ReturnType<typeof showing> = acting(async (visit, form): Promise<SiteResponse> => {
  const [id = "", step = "", comment = ""] = ["id", "step", "comment"].map((name) => form.get(name));
  if (step !== "approve" && step !== "reject") return problem(visit.request, "malformed-request", { again: here });
  const outcome = await visit.ports.access.requests()[step](visit.caller, id, comment);
  if (outcome.kind === "done") {
    const { approval, grantee, state } = outcome.value;
    const why = comment === "" ? "" : `: ${comment}`;
    return { ...redirect(here), detail: `request ${id} for ${approval} of ${grantee}: ${step}, now ${state}${why}` };
  }
  const { reason, message } = outcome;
  return problem(visit.request, reason, { advice: `${message}.`, again: here, detail: message });
});

function waitingItem(request: AccessRequest, token: string): Html {
  return html`<li>
    ${waitingText(request)}
    <form method="post" action="${here}">
      <input type="hidden" name="token" value="${token}" /><input type="hidden" name="id" value="${request.id}" />
      <p>
        <label>Comment<br /><input name="comment" maxlength="500" /></label>
      </p>
      <button name="step" value="approve">Approve</button> <button name="step" value="reject">Reject</button>
    </form>
  </li>`;
}

/** Who asks for what, and why. */
export function waitingText({ approval, requester, reason, durationMs, answerBy }: AccessRequest): Html {
  const { id, name, email, actors } = requester;
  const agents = actors.length === 0 ? null : html` through ${actors.join(", ")}`;
  return html`<p>
    <strong>${name === "" ? id : name}</strong>${agents} asks for <strong>${approval}</strong> for
    ${durationMs / 60_000} minutes: ${reason}<br />
    <small>${id} · ${email} · to be answered by ${timeText(answerBy)}</small>
  </p>`;
}
