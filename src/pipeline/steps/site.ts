import { Buffer } from "node:buffer";
import type { LimitedBody } from "#edge/edge-types.ts";
import { cookiesOf } from "#lib/cookies.ts";
import { clientScheme } from "#model/client-scheme.ts";
import { type Outcome, refuse, type StepResult } from "#model/decision.ts";
import { type Exchange, type RequestFacts, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import {
  identifiedPaths,
  identifiedPrefix,
  ownCookiePrefix,
  siteBodyBytes,
  sitePrefix,
  type SiteRequest,
  type SiteResponse,
} from "#model/site.ts";
import type { Passage } from "#pipeline/passage.ts";
import { withPage } from "#pipeline/person-page.ts";
import { refusalOf } from "#pipeline/refusal-of.ts";
import { readWhole } from "#wire/whole-body.ts";
import { authenticate } from "./authenticate.ts";

/** What the pages may know of a request's fields. */
const passedFields: readonly string[] = [
  "accept",
  "authorization",
  "content-type",
  "origin",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
];

type PassageSite = (request: SiteRequest) => Promise<SiteResponse | null>;

/** Has main answer, where the pages are. A body is read whole before, and none is that is too large. */
export function siteAnswer(passage: Passage): StepResult {
  const { exchange, handles } = passage;
  const body = exchange.facts.body as LimitedBody | null;
  body?.setLimit(siteBodyBytes);
  const outcome = asksWho(exchange.facts) ? authenticate(passage) : undefined;
  return shown(exchange, outcome, handles.site);
}

/** Whatever refuses it here is a page for a person, as what main refuses is. */
async function shown(exchange: Exchange, before: StepResult, ask: PassageSite): Promise<Outcome> {
  const outcome = (await before) ?? (await answer(exchange, ask).catch(refusalOf));
  return outcome?.kind === "refusal" ? withPage(outcome, exchange.facts.id) : outcome;
}

function asksWho({ path }: RequestFacts): boolean {
  return identifiedPaths.includes(path) || path === identifiedPrefix || path.startsWith(`${identifiedPrefix}/`);
}

async function answer(exchange: Exchange, ask: PassageSite): Promise<Outcome> {
  const { facts } = exchange;
  const body = await readWhole(facts.body, siteBodyBytes);
  if (body === null) return refuse("body-too-large", { detail: `more than ${siteBodyBytes} bytes` });
  const answered = await ask(requestOf(exchange, body));
  if (answered === null)
    return refuse("overloaded", { headers: ["Retry-After", "1"], detail: "too many ask for own pages" });
  const { status, headers, body: text, reason, detail, principal } = answered;
  if (principal !== undefined) exchange.principal = principal;
  const bytes = text === "" ? null : Buffer.from(text);
  const list = new HeaderList([...headers]);
  if (reason !== undefined) {
    const shownAnswer = { kind: "answer", status, headers: list, body: bytes } as const;
    return refuse(reason, { status, answer: shownAnswer, ...(detail === undefined ? {} : { detail }) });
  }
  exchange.response = new ResponseDraft(status, "", list, bytes, "gateway");
  if (detail !== undefined) exchange.trail.push({ door: "edge", step: "page", outcome: "answered", detail, micros: 0 });
  return undefined;
}

function requestOf({ facts, principal }: Exchange, body: Uint8Array): SiteRequest {
  const { id, method, host, authority, path, query, headers, clientAddress } = facts;
  return {
    id,
    method,
    scheme: clientScheme(facts),
    host,
    authority,
    path: path.slice(sitePrefix.length),
    query,
    headers: Object.fromEntries(passedFields.map((name) => [name, headers.joined(name) ?? ""])),
    cookies: cookiesOf(headers.all("cookie"), ownCookiePrefix),
    body,
    clientAddress,
    principal: principal.kind === "anonymous" ? null : principal,
  };
}
