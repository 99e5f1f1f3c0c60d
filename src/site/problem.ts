import { STATUS_CODES } from "#lib/node-http.ts";
import { html } from "#lib/html.ts";
import type { Refusal } from "#model/decision.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import { json, page } from "./page.ts";

export interface ProblemOptions {
  /** For the record alone. No secrets. */
  readonly detail?: string;
  /** What the person may do, a sentence. */
  readonly advice?: string;
  /** Where they may try again: a path of this host. */
  readonly again?: string;
  readonly headers?: readonly string[];
}

/** Why it did not work: a page for people, problem+json for programs. Nothing internal, and the request id in both. */
export function problem(request: SiteRequest, reason: ReasonCode, options: ProblemOptions = {}): SiteResponse {
  const { status } = reasons[reason];
  const { detail, headers } = options;
  const shown = wantsPage(request) ? asPage(request, reason, options) : asJson(request, reason, headers);
  return { ...shown, status, reason, ...(detail === undefined ? {} : { detail }) };
}

/** The same that an API would say to them. */
export function refusedHere(request: SiteRequest, { reason, detail, headers }: Refusal): SiteResponse {
  const options = { ...(detail === undefined ? {} : { detail }), ...(headers === undefined ? {} : { headers }) };
  return problem(request, reason, options);
}

function asPage({ id }: SiteRequest, reason: ReasonCode, { advice, again, headers }: ProblemOptions): SiteResponse {
  const { message } = reasons[reason];
  const content = html`<p>${message}</p>
    ${advice === undefined ? null : html`<p>${advice}</p>`}
    ${again === undefined ? null : html`<p><a class="button" href="${again}">Try again</a></p>`}
    <p><small>If this goes on, tell whoever runs this service the request id ${id} (${reason}).</small></p>`;
  return page("That did not work", content, headers === undefined ? {} : { headers });
}

function asJson({ id }: SiteRequest, reason: ReasonCode, headers: readonly string[] = []): SiteResponse {
  const { status, message } = reasons[reason];
  const title = STATUS_CODES[status] ?? "Error";
  const body = { type: `urn:sallyport:reason:${reason}`, title, status, detail: message, reason, requestId: id };
  const answer = json(status, body, headers);
  return { ...answer, headers: ["Content-Type", "application/problem+json", ...answer.headers.slice(2)] };
}

/** Browsers name HTML, and programs do not. */
export function wantsPage({ headers }: SiteRequest): boolean {
  return /text\/html/i.test(headers["accept"] ?? "");
}
