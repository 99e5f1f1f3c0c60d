import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import type { Refusal } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { reasons } from "#model/reasons.ts";

/**
 * A refusal as the client sees it: problem+json (RFC 9457) that also carries `statusCode` and `message`, so that
 * a client written for API Management reads it too. Holds the reason code and the request id, nothing internal.
 */
export function renderRefusal(exchange: Exchange, refusal: Refusal): ResponseDraft {
  if (refusal.answer !== undefined) {
    const { status, statusText = "", headers, body } = refusal.answer;
    return new ResponseDraft(status, statusText, headers, body, "policy");
  }
  const status = refusal.status ?? reasons[refusal.reason].status;
  const message = refusal.message ?? reasons[refusal.reason].message;
  const title = STATUS_CODES[status] ?? "Error";
  const body = {
    type: `urn:sallyport:reason:${refusal.reason}`,
    title,
    status,
    detail: message,
    reason: refusal.reason,
    requestId: exchange.facts.id,
    statusCode: status,
    message,
  };
  const headers = new HeaderList(["Content-Type", "application/problem+json", "Cache-Control", "no-store"]);
  for (let at = 0; at + 1 < (refusal.headers?.length ?? 0); at += 2) {
    headers.append(refusal.headers?.[at] ?? "", refusal.headers?.[at + 1] ?? "");
  }
  // RFC 9110 §15.5.2: a 401 always says how to authenticate.
  if (status === 401 && !headers.has("www-authenticate")) headers.append("WWW-Authenticate", challenge(exchange));
  return new ResponseDraft(status, title, headers, Buffer.from(`${JSON.stringify(body)}\n`), "gateway");
}

/** The host was validated by the edge, so it cannot break out of the quotes. */
function challenge(exchange: Exchange): string {
  return `Bearer realm="${exchange.facts.host}"`;
}
