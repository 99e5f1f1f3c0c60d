import { type Html, html } from "#lib/html.ts";
import { dueAt } from "#model/rotation.ts";
import type { SiteResponse } from "#model/site.ts";
import type { KeyStatus, RotatedKeys } from "#products/key-rotations.ts";
import { keyId } from "#products/keys.ts";
import type { HeldKey } from "#storage/key-store.ts";
import { timeText } from "#site/access/ask-page.ts";
import { page } from "#site/page.ts";
import { shownBefore } from "./shown-before.ts";

const here = "/.sallyport/keys";

export function keysPage(all: readonly KeyStatus[], token: string, now: number): SiteResponse {
  const content =
    all.length === 0
      ? html`<p>No subscription belongs to you.</p>`
      : html`<p>Keys are not shown here: you see a new one once, when you make it.</p>
          ${all.map((status) => subscriptionPart(status, token, now))}`;
  return page("Your keys", content);
}

function subscriptionPart(status: KeyStatus, token: string, now: number): Html {
  const { name, state, source, scope } = status.subscription;
  const mayChange = source === "created" && state === "active";
  return html`<h2>${name}</h2>
    <p>
      <small
        >${scope},
        ${state}${source === "declared" ? ", its keys are changed by those who run the gateway" : null}</small
      >
    </p>
    <ul>
      ${status.keys.map((key) => keyItem(key, status, now))}
    </ul>
    ${mayChange ? forms(status, token) : null}`;
}

function keyItem(key: HeldKey, { rotation }: KeyStatus, now: number): Html {
  const due = rotation === null || key.old !== null ? null : dueAt(key.madeAt, rotation);
  const dueText = due === null ? "" : due <= now ? `, due since ${timeText(due)}` : `, due ${timeText(due)}`;
  const end = key.old === null ? "" : `, replaced, ends ${timeText(key.old.until)}`;
  const used = key.usedAt === null ? "not used" : `last used ${timeText(key.usedAt)}`;
  return html`<li>
    <strong>${key.slot}</strong> ${keyId(key.digest)}<br /><small
      >made ${timeText(key.madeAt)}, ${used}${dueText}${end}</small
    >
  </li>`;
}

function forms(status: KeyStatus, token: string): Html {
  const { name } = status.subscription;
  const hidden = html`<input type="hidden" name="token" value="${token}" /><input
      type="hidden"
      name="subscription"
      value="${name}"
    /><input type="hidden" name="before" value="${shownBefore(status)}" />`;
  const one = (slot: string): Html =>
    html`<form method="post" action="${here}">
      ${hidden}<input type="hidden" name="slot" value="${slot}" /> <button>New ${slot} key</button>
    </form>`;
  return html`<p>A new key is good at once; the one before goes on for a while, so that you can change your clients.</p>
    ${one("primary")} ${one("secondary")}
    <form method="post" action="${here}">
      ${hidden}<input type="hidden" name="emergency" value="true" />
      <p>
        <label><input type="checkbox" required /> A key is in wrong hands: end all of them now</label>
      </p>
      <button>Both keys anew</button>
    </form>`;
}

/** The only time that a key is shown. */
export function newKeysPage(name: string, { issued, until }: RotatedKeys): SiteResponse {
  const keys = issued.map(({ slot, key }) => html`<p>${slot} key<br /><code>${key}</code></p>`);
  const old =
    until === null ? "Keys before are refused from now on." : `The key before goes on until ${timeText(until)}.`;
  const content = html`<p>Keep it now: it is stored nowhere and not shown again.</p>
    ${keys}
    <p>${old}</p>
    <p><a class="button" href="${here}">Your keys</a></p>`;
  return page(`New key of ${name}`, content);
}
