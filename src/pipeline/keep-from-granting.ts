import { refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { renderRefusal } from "./problem.ts";

/**
 * The proxy takes any 2xx for leave to forward. A policy's own answer, or an on-error section that made one of a
 * refusal, must not be read as that.
 */
export function keepFromGranting(exchange: Exchange): void {
  const { question, response } = exchange;
  if (question === null || question.granted || response === null || response.status >= 300) return;
  const detail = `a policy answered with ${response.status}, which the proxy would take for leave`;
  exchange.refusal ??= refuse("forward-auth-not-offered", { detail });
  exchange.response = renderRefusal(exchange, exchange.refusal);
}
