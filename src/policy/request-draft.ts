import { GatewayError } from "#model/errors.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";

/**
 * The draft's headers, to be changed. The draft starts with the very list the client sent; it is copied before the
 * first change, so that the facts stay what the client sent.
 */
export function writableRequestHeaders(exchange: Exchange): HeaderList {
  const { request, facts } = exchange;
  if (request.headers === facts.headers) request.headers = facts.headers.clone();
  return request.headers;
}

/** @throws GatewayError `internal` when there is no response yet */
export function responseOf(exchange: Exchange): ResponseDraft {
  if (exchange.response === null) throw new GatewayError("internal", 500, "there is no response to change");
  return exchange.response;
}
