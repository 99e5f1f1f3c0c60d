import { type Outcome, refuse, type StepResult } from "#model/decision.ts";
import type { Exchange, Retarget } from "#model/exchange.ts";
import { describeError, reasonOfError } from "./failure.ts";

/** Sends, and again as long as whoever has chosen the destination knows another one. */
export async function sendElsewhere(
  send: (exchange: Exchange) => StepResult,
  exchange: Exchange,
  retarget: Retarget,
): Promise<Outcome> {
  let outcome = await attempt(send, exchange);
  for (let times = 0; times < retarget.most && outcome?.kind !== "answer" && !exchange.aborted; times += 1) {
    if (!(await retarget.again(exchange, outcome))) break;
    exchange.trail.push({
      door: "policy",
      step: "forward-request",
      outcome: "retried",
      detail: "elsewhere",
      micros: 0,
    });
    outcome = await attempt(send, exchange);
  }
  return outcome;
}

/** A failure is an outcome, which the destination's rule looks at. */
async function attempt(send: (exchange: Exchange) => StepResult, exchange: Exchange): Promise<Outcome> {
  try {
    return await send(exchange);
  } catch (error) {
    return refuse(reasonOfError(error), { detail: describeError(error) });
  }
}
