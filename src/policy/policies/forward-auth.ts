import { STATUS_CODES } from "#lib/node-http.ts";
import { refuse, type Refusal } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { plainFieldName } from "#model/identity-fields.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { EgressResponse } from "#model/ports.ts";
import { parseCopied } from "#notation/catalogue/forward-auth.ts";
import { literalNumber, literalText, literalTexts } from "#policy/arguments.ts";
import type { AuthQuestion, LinkContext, Run } from "#policy/context.ts";
import { describeError } from "#policy/failure.ts";
import { writableRequestHeaders } from "#policy/request-draft.ts";

interface Copied {
  /** Lower case. */
  readonly from: string;
  readonly to: string;
  /** All spellings of `to` share it. */
  readonly plain: string;
}

export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { askAuthService } = ports;
  if (askAuthService === undefined) throw new GatewayError("definition-invalid", 500, "forward-auth cannot ask here");
  const copied = literalTexts(node, "copyHeaders").map(readCopied);
  const question: AuthQuestion = {
    url: literalText(node, "uri") ?? "",
    preserveHost: literalText(node, "host") === "preserve",
    timeoutMs: literalNumber(node, "timeout"),
    maxBytes: literalNumber(node, "maxResponseSize"),
  };
  return async (exchange) => {
    try {
      const response = await askAuthService(exchange, question);
      if (response.status < 200 || response.status > 299) return denied(response);
      copyFields(copied, response.headers, exchange);
      return undefined;
    } catch (error) {
      return unreachable(error);
    }
  };
}

function readCopied(text: string): Copied {
  const [from, to] = parseCopied(text);
  return { from: from.toLowerCase(), to, plain: plainFieldName(to) };
}

/** Whatever the service answered goes to the client whole: a login page, a redirect with its cookie, a challenge. */
function denied({ status, headers, body }: EgressResponse): Refusal {
  const answer = { kind: "answer", status, statusText: STATUS_CODES[status] ?? "", headers, body } as const;
  return refuse("auth-service-denied", { status, answer, detail: `the auth service answered ${status}` });
}

/** Nobody has said that the request may pass. */
function unreachable(error: unknown): Refusal {
  const status = error instanceof GatewayError && [502, 503, 504].includes(error.status) ? error.status : 502;
  return refuse("auth-service-failed", { status, detail: describeError(error) });
}

/**
 * First the client's own go, also where the service says nothing, and in every spelling that a server reads as the same
 * name; otherwise the client's word would reach the backend as the service's (GHSA-7r4p-vjf4-gxv4).
 */
function copyFields(copied: readonly Copied[], answered: HeaderList, exchange: Exchange): void {
  if (copied.length === 0) return;
  const headers = writableRequestHeaders(exchange);
  exchange.request.dropTrailers = true;
  const { raw } = headers;
  let kept = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const plain = plainFieldName(raw[at] as string);
    if (copied.some((one) => one.plain === plain)) continue;
    raw[kept] = raw[at] as string;
    raw[kept + 1] = raw[at + 1] as string;
    kept += 2;
  }
  raw.length = kept;
  for (const { from, to } of copied) for (const value of answered.all(from)) headers.append(to, value);
}
