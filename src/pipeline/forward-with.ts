import type { Outcome } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import type { Permit } from "#model/permit.ts";
import type { ForwardPort } from "#model/ports.ts";
import { refusalOf } from "./refusal-of.ts";

/** One attempt: spends the permit, makes the upstream's answer the exchange's response, or says why there is none. */
export async function forwardWith(port: ForwardPort, exchange: Exchange, permit: Permit): Promise<Outcome> {
  try {
    const { status, statusText, headers, body } = await port.forward(exchange, permit);
    exchange.response = new ResponseDraft(status, statusText, headers, body, "upstream");
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}
