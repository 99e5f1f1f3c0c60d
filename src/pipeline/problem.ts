import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import type { ErrorFormat } from "#model/definition.ts";
import type { Refusal } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { reasons } from "#model/reasons.ts";
import { bearerChallenge } from "./bearer-challenge.ts";
import { helpsToLogIn, isNavigation, loginLink, loginPath, loginRedirect } from "./login-offer.ts";
import { renderManagementError } from "./management-error.ts";
import { accessAddress, withPage } from "./person-page.ts";
import { grpcContentType, grpcMessage, grpcStatus } from "./grpc.ts";

/**
 * A refusal as the client sees it, in the format of its API. problem+json (RFC 9457) also carries `statusCode` and
 * `message`, so that a client written for API Management reads it too. Holds the reason code and the request id,
 * nothing internal.
 *
 * @param errors the format of what is no API's
 */
export function renderRefusal(exchange: Exchange, refusal: Refusal, errors: ErrorFormat = "problem"): ResponseDraft {
  if (refusal.answer !== undefined) {
    const { status, statusText = "", headers, body } = refusal.answer;
    return new ResponseDraft(status, statusText, headers, body, "policy");
  }
  // A proxy that asks is no gRPC client: it takes the 200 of a gRPC refusal for leave.
  const grpc = exchange.question === null ? grpcContentType(exchange.facts.headers) : null;
  if (grpc !== null) return renderGrpc(refusal, grpc);
  const offersLogin = helpsToLogIn(exchange, refusal);
  const redirect = offersLogin ? loginRedirect(exchange) : null;
  if (redirect !== null && exchange.question?.redirects !== false) return redirect;
  const format = exchange.api?.errors ?? errors;
  if (format === "empty") return renderEmpty(exchange, refusal);
  const asManagement = format === "api-management";
  const response = asManagement
    ? renderManagementError(exchange, refusal)
    : renderProblem(
        exchange,
        isForPerson(exchange) ? withPage(refusal, exchange.facts.id) : refusal,
        offersLogin ? { login: loginPath } : {},
      );
  if (offersLogin) response.headers.append("Link", loginLink);
  // A proxy that cannot pass a redirect on makes one of this by itself.
  if (redirect !== null) response.headers.append("Location", redirect.headers.get("location") ?? "");
  return response;
}

/** A status, the fields that belong to it, and no body. The record has the reason. */
function renderEmpty(exchange: Exchange, refusal: Refusal): ResponseDraft {
  const status = refusal.status ?? reasons[refusal.reason].status;
  const headers = new HeaderList([...(refusal.headers ?? [])]);
  if (status === 401 && !headers.has("www-authenticate")) headers.append("WWW-Authenticate", bearerChallenge(exchange));
  return new ResponseDraft(status, STATUS_CODES[status] ?? "", headers, null, "gateway");
}

/** A gRPC response without a message, its status among the header fields: what the protocol calls Trailers-Only. */
function renderGrpc(refusal: Refusal, contentType: string): ResponseDraft {
  const { reason, message, headers: more = [] } = refusal;
  const headers = new HeaderList(["Content-Type", contentType, "Cache-Control", "no-store"]);
  for (let at = 0; at + 1 < more.length; at += 2) headers.append(more[at] ?? "", more[at + 1] ?? "");
  headers.append("grpc-status", String(grpcStatus(reason)));
  headers.append("grpc-message", grpcMessage(message ?? reasons[reason].message));
  headers.append("x-sallyport-reason", reason);
  return new ResponseDraft(200, "OK", headers, null, "gateway");
}

function renderProblem(exchange: Exchange, refusal: Refusal, more: Readonly<Record<string, string>>): ResponseDraft {
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
    ...howToAsk(refusal),
    ...more,
  };
  const asPage = refusal.page !== undefined && prefersHtml(exchange.facts.headers.joined("accept"));
  const type = asPage ? "text/html; charset=utf-8" : "application/problem+json";
  const headers = new HeaderList(["Content-Type", type, "Cache-Control", "no-store"]);
  if (refusal.page !== undefined) headers.append("Vary", "Accept");
  for (let at = 0; at + 1 < (refusal.headers?.length ?? 0); at += 2) {
    headers.append(refusal.headers?.[at] ?? "", refusal.headers?.[at + 1] ?? "");
  }
  // RFC 9110 §15.5.2: a 401 always says how to authenticate.
  if (status === 401 && !headers.has("www-authenticate")) headers.append("WWW-Authenticate", bearerChallenge(exchange));
  const text = asPage ? (refusal.page ?? "") : `${JSON.stringify(body)}\n`;
  return new ResponseDraft(status, title, headers, Buffer.from(text), "gateway");
}

/** Somebody who logs in with a browser, and is on their way with it. */
function isForPerson({ api, facts, question }: Exchange): boolean {
  return api?.login === true && question === null && isNavigation(facts);
}

function howToAsk({ approval }: Refusal): object {
  return approval === undefined ? {} : { approval, requestAccess: accessAddress(approval) };
}

/** Browsers name it, and name it first; programs that take anything do not. */
function prefersHtml(accept: string | undefined): boolean {
  const first = /(?:text\/html|application\/(?:[\w.-]+\+)?json)/i.exec(accept ?? "");
  return first !== null && first[0].toLowerCase() === "text/html";
}
