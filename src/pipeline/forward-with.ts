import type { Outcome } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { ForwardPort } from "#model/ports.ts";
import { refusalOf } from "./refusal-of.ts";
import type { HeaderList } from "#model/header-list.ts";

/**
 * The header fields of one attempt, complete. A promise only where something of them is fetched.
 * @throws GatewayError when that cannot be had
 */
export type HeadersFor = (exchange: Exchange) => HeaderList | Promise<HeaderList>;

/**
 * One attempt: spends the permit, makes the upstream's answer the exchange's response, or says why there is none. The
 * draft gets its own header fields back afterwards, so that another attempt starts from what the policies wrote.
 */
export async function forwardWith(
  port: ForwardPort,
  exchange: Exchange,
  permit: Permit,
  headersFor: HeadersFor,
): Promise<Outcome> {
  const { request } = exchange;
  const drafted = request.headers;
  // Of an attempt before: when this one fails, nobody may take that for its answer.
  exchange.response = null;
  try {
    const complete = headersFor(exchange);
    request.headers = complete instanceof Promise ? await complete : complete;
    if (exchange.tap !== null) exchange.tap.sending(request.headers, request.body);
    const { status, statusText, headers, body, carry } = await port.forward(exchange, permit);
    // What goes on after a switch of protocols is no body.
    const read = exchange.tap === null || status === 101 ? body : exchange.tap.received(headers, body);
    const response = new ResponseDraft(status, statusText, headers, read, "upstream");
    response.carry = carry;
    exchange.response = response;
    exchange.redaction?.note(exchange);
    return undefined;
  } catch (error) {
    return refusalOf(error);
  } finally {
    request.headers = drafted;
  }
}
