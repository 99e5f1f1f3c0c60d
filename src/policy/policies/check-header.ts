import { type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { requiredValue, valuesOf } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkFailedAnswer } from "#policy/failed-answer.ts";
import { evaluateBoolean, evaluateString } from "#policy/values.ts";

/** A header that is sent twice fails when values are asked for: the backend might read the other one. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const name = evaluateString(requiredValue(node, "name"), clock);
  const allowed = valuesOf(node, "values").map((value) => evaluateString(value, clock));
  const ignoreCase = evaluateBoolean(requiredValue(node, "ignoreCase"), clock);
  const failedAnswer = linkFailedAnswer(node, clock);
  return (exchange) => {
    const header = name(exchange);
    const values = exchange.request.headers.all(header.toLowerCase());
    if (values.length === 0) {
      return refusal("header-missing", `Header ${header} was not found in the request.`, header, exchange);
    }
    if (allowed.length === 0) return undefined;
    const [sent] = values as [string];
    const fits = values.length === 1 && allowed.some((value) => same(value(exchange), sent, ignoreCase(exchange)));
    if (fits) return undefined;
    const told = `Header ${header} value of ${values.join(",")} is not allowed.`;
    return refusal("header-not-allowed", told, header, exchange);
  };

  function refusal(reason: ReasonCode, told: string, header: string, exchange: Exchange): Refusal {
    // The value stays out of the record: it may be a secret.
    const lastError = { message: `${told} Access denied.` };
    return refuse(reason, { ...failedAnswer(exchange), lastError, detail: header });
  }
}

function same(allowed: string, sent: string, ignoreCase: boolean): boolean {
  return ignoreCase ? allowed.toLowerCase() === sent.toLowerCase() : allowed === sent;
}
