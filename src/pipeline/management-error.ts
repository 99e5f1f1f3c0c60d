import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import type { Refusal } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import { bearerChallenge } from "./bearer-challenge.ts";

/** What goes wrong behind the gateway, or in it, is all one to API Management's clients. */
const internal: ReadonlySet<ReasonCode> = new Set<ReasonCode>([
  "egress-not-allowed",
  "upstream-connect-failed",
  "upstream-reset",
  "upstream-malformed",
  "upstream-truncated",
  "upstream-too-large",
]);

const badTokens: readonly ReasonCode[] = [
  "token-malformed",
  "token-algorithm-not-allowed",
  "token-issuer-unknown",
  "token-key-unknown",
  "token-signature-invalid",
  "token-expired",
  "token-not-yet-valid",
  "token-audience-not-allowed",
  "token-type-not-allowed",
  "token-claim-missing",
  "token-claim-not-allowed",
];

/** There an operation is its method and its path together: one with another method is none. */
const noOperation: ReasonCode = "method-not-allowed";

/** Where the words are others than ours. */
const messages: ReadonlyMap<ReasonCode, string> = new Map<ReasonCode, string>([
  ["upstream-unavailable", "Service unavailable"],
  ["overloaded", "Service unavailable"],
  // What is wrong with a token is for those who run the gateway to know; documents look at context.LastError.
  ...badTokens.map((reason): [ReasonCode, string] => [reason, "Invalid JWT."]),
]);

/**
 * A refusal exactly as API Management's gateway words it, one space inside the braces: clients and tests of theirs
 * compare texts.
 */
export function renderManagementError(exchange: Exchange, refusal: Refusal): ResponseDraft {
  const { reason } = refusal;
  if (reason === noOperation) return renderManagementError(exchange, { kind: "refusal", reason: "route-not-found" });
  const status = internal.has(reason) ? 500 : (refusal.status ?? reasons[reason].status);
  const headers = new HeaderList(["Content-Type", "application/json", "Cache-Control", "no-store"]);
  const more = refusal.headers ?? [];
  for (let at = 0; at + 1 < more.length; at += 2) headers.append(more[at] ?? "", more[at + 1] ?? "");
  if (status === 401 && !headers.has("www-authenticate")) headers.append("WWW-Authenticate", bearerChallenge(exchange));
  const body = Buffer.from(status === 500 ? internalError(exchange) : said(status, refusal));
  return new ResponseDraft(status, STATUS_CODES[status] ?? "Error", headers, body, "gateway");
}

function said(statusCode: number, { reason, message }: Refusal): string {
  return spaced({ statusCode, message: message ?? messages.get(reason) ?? reasons[reason].message });
}

/** The id is the one of the record. */
function internalError({ facts }: Exchange): string {
  return spaced({ statusCode: 500, message: "Internal server error", activityId: facts.id });
}

function spaced(members: Readonly<Record<string, string | number>>): string {
  const text = Object.entries(members).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  return `{ ${text.join(", ")} }`;
}
