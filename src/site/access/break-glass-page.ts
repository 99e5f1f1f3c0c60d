import { type Html, html } from "#lib/html.ts";
import type { Approval } from "#model/approvals.ts";
import type { SiteResponse } from "#model/site.ts";
import { leastOfEmergency } from "#products/access-requests.ts";
import { page } from "#site/page.ts";
import type { AskDraft, AskNote } from "./ask-page.ts";
import type { AccessVisit } from "./with-caller.ts";

/** The page that takes an approval without an approver, and says what that means. */
export async function breakGlassPage(visit: AccessVisit, draft: AskDraft, note?: AskNote): Promise<SiteResponse> {
  const { caller, ports, principal } = visit;
  const open = ports.access
    .requests()
    .approvals(caller)
    .flatMap(({ approval, mayBreakGlass }) => (mayBreakGlass ? [approval] : []));
  const content = html`<p><small>You are ${principal.displayName ?? principal.id}.</small></p>
    ${note === undefined ? null : html`<p role="alert"><strong>${note.message}</strong></p>`}
    ${open.length === 0 ? html`<p>There is nothing that you may take without an approver.</p>` : breakForm(open, draft, ports.access.guard.token(principal))}
    <p><a href="/.sallyport/access">Ask for access instead</a></p>`;
  return page("Break the glass", content, { status: note?.status ?? 200 });
}

function breakForm(approvals: readonly Approval[], { approval, reason, minutes }: AskDraft, token: string): Html {
  const options = approvals.map(({ name, description, breakGlass }) => {
    const most = (breakGlass?.maxDurationMs ?? 0) / 60_000;
    const about = `${name}${description === "" ? "" : `: ${description}`} (at most ${most} min)`;
    return name === approval
      ? html`<option value="${name}" selected>${about}</option>`
      : html`<option value="${name}">${about}</option>`;
  });
  return html`<p>
      <strong>For emergencies alone.</strong> You get access at once, without an approver. The approvers and the record
      are told who you are and what you write here.
    </p>
    <form method="post" action="/.sallyport/access/break-glass">
      <input type="hidden" name="token" value="${token}" />
      <p>
        <label
          >Access<br /><select name="approval">
            ${options}
          </select></label
        >
      </p>
      <p>
        <label
          >What has happened<br /><input
            name="reason"
            required
            minlength="${leastOfEmergency}"
            maxlength="500"
            value="${reason}"
        /></label>
      </p>
      <p>
        <label
          >For how many minutes<br /><input name="minutes" type="number" min="1" required value="${minutes}"
        /></label>
      </p>
      <p>
        <label
          >Write the name of the access, to confirm<br /><input name="confirm" required autocomplete="off"
        /></label>
      </p>
      <p><button>Break the glass</button></p>
    </form>`;
}
