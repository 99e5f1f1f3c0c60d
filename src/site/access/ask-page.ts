import { type Html, html } from "#lib/html.ts";
import type { AccessRequest } from "#model/access-requests.ts";
import type { Approval } from "#model/approvals.ts";
import type { SiteResponse } from "#model/site.ts";
import { page } from "#site/page.ts";
import type { AccessVisit } from "./with-caller.ts";

/** What somebody wrote into the form, to be shown again beside what is wrong with it. */
export interface AskDraft {
  readonly approval: string;
  readonly reason: string;
  readonly minutes: string;
}

export interface AskNote {
  readonly status: number;
  readonly message: string;
}

const listed = 50;

/** The page that asks, and what has become of one's requests. */
export async function askPage(visit: AccessVisit, draft: AskDraft, note?: AskNote): Promise<SiteResponse> {
  const { caller, ports, principal } = visit;
  const { guard } = ports.access;
  const requests = ports.access.requests();
  const token = guard.token(principal);
  const [mine, waiting] = await Promise.all([
    requests.mine(caller, { after: null, limit: listed }),
    requests.waiting(caller),
  ]);
  const offered = requests.approvals(caller);
  const askable = offered.flatMap(({ approval, mayAsk }) => (mayAsk ? [approval] : []));
  const content = html`<p><small>You are ${principal.displayName ?? principal.id}.</small></p>
    ${waiting.length === 0 ? null : html`<p><a href="/.sallyport/access/decide">${waiting.length} waiting for your word</a></p>`}
    ${note === undefined ? null : html`<p role="alert"><strong>${note.message}</strong></p>`}
    ${askable.length === 0 ? html`<p>There is nothing that you may ask for.</p>` : askForm(askable, draft, token)}
    ${offered.some(({ mayBreakGlass }) => mayBreakGlass) ? html`<p><a href="/.sallyport/access/break-glass">An emergency: break the glass</a></p>` : null}
    ${mine.length === 0 ? null : mineList(mine, token)}`;
  return page("Ask for access", content, { status: note?.status ?? 200 });
}

function askForm(approvals: readonly Approval[], { approval, reason, minutes }: AskDraft, token: string): Html {
  const options = approvals.map(({ name, description, maxDurationMs }) => {
    const about = `${name}${description === "" ? "" : `: ${description}`} (at most ${maxDurationMs / 60_000} min)`;
    return name === approval
      ? html`<option value="${name}" selected>${about}</option>`
      : html`<option value="${name}">${about}</option>`;
  });
  return html`<form method="post" action="/.sallyport/access">
    <input type="hidden" name="token" value="${token}" />
    <p>
      <label
        >Access<br /><select name="approval">
          ${options}
        </select></label
      >
    </p>
    <p>
      <label>Why<br /><input name="reason" required maxlength="500" value="${reason}" /></label>
    </p>
    <p>
      <label
        >For how many minutes<br /><input name="minutes" type="number" min="1" required value="${minutes}"
      /></label>
    </p>
    <p><button>Ask</button></p>
  </form>`;
}

function mineList(mine: readonly AccessRequest[], token: string): Html {
  return html`<h2>Your requests</h2>
    <ul>
      ${mine.map((request) => mineItem(request, token))}
    </ul>`;
}

function mineItem({ id, approval, state, reason, endsAt, answerBy, steps }: AccessRequest, token: string): Html {
  const said = steps.at(-1)?.comment ?? "";
  const until =
    state === "active"
      ? `until ${timeText(endsAt)}`
      : state === "pending"
        ? `to be answered by ${timeText(answerBy)}`
        : "";
  const end = state === "pending" ? "Withdraw" : state === "active" ? "Give back" : null;
  return html`<li>
    <strong>${approval}</strong> is ${state} ${until}<br />
    <small>${reason}${said === "" || said === reason ? null : ` · ${said}`}</small>
    ${
      end === null
        ? null
        : html`<form method="post" action="/.sallyport/access/end">
            <input type="hidden" name="token" value="${token}" /><input type="hidden" name="id" value="${id}" />
            <button>${end}</button>
          </form>`
    }
  </li>`;
}

export function timeText(time: number | null): string {
  return time === null ? "" : `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
