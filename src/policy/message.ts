import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Section } from "#model/policy-tree.ts";
import { forgetCoding } from "./body-codings.ts";
import { responseOf, writableRequestHeaders } from "./request-draft.ts";

/** The message that a policy of some section changes: the request in inbound and backend, the response elsewhere. */
export interface Message {
  readonly headers: (exchange: Exchange) => HeaderList;
  /** To be changed. */
  readonly writableHeaders: (exchange: Exchange) => HeaderList;
  /** What was gathered; undefined when there is no body. Only for policies that the catalogue says to read it. */
  readonly body: (exchange: Exchange) => Uint8Array | undefined;
  /**
   * The same, for a policy that is about to make another of it. Where a response has none (to HEAD, or a 304), its length
   * is that of what the policy would have changed, so it is not told any more.
   */
  readonly bodyToChange: (exchange: Exchange) => Uint8Array | undefined;
  /** Another body, plain: what was said of the bytes of the one before goes. */
  readonly setBody: (exchange: Exchange, body: Uint8Array) => void;
}

export function messageOf(section: Section): Message {
  return section === "inbound" || section === "backend" ? ofRequest : ofResponse;
}

const ofRequest: Message = {
  headers: ({ request }) => request.headers,
  writableHeaders: writableRequestHeaders,
  body: ({ request }) => request.body ?? undefined,
  bodyToChange: ({ request }) => request.body ?? undefined,
  setBody: (exchange, body) => {
    exchange.request.body = body;
    forgetCoding(writableRequestHeaders(exchange));
  },
};

const ofResponse: Message = {
  headers: (exchange) => responseOf(exchange).headers,
  writableHeaders: (exchange) => responseOf(exchange).headers,
  body: bodyOfResponse,
  bodyToChange: (exchange) => {
    if (exchange.response?.body === null) exchange.response.headers.delete("content-length");
    return bodyOfResponse(exchange);
  },
  setBody: (exchange, body) => {
    const response = responseOf(exchange);
    // A stream that nobody will read must be told so, or its connection stays taken.
    if (response.body !== null && !(response.body instanceof Uint8Array)) response.body.cancel();
    response.body = body;
    response.headers.delete("content-length");
    forgetCoding(response.headers);
  },
};

function bodyOfResponse({ response }: Exchange): Uint8Array | undefined {
  return response?.body instanceof Uint8Array ? response.body : undefined;
}
