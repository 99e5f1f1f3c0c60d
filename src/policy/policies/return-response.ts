import { STATUS_CODES } from "#lib/node-http.ts";
import type { Answer } from "#model/decision.ts";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { type AnswerDraft, bytesOf, linkAnswerChanges } from "#policy/answer-changes.ts";
import { argumentOf, listOf, literalFlag, literalText, optionalValue, policiesOf } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { safeFieldValue } from "#policy/field-value.ts";
import { type Evaluate, evaluateAny, evaluateInteger, evaluateString, isValue } from "#policy/values.ts";

interface Field {
  readonly name: string;
  readonly value: Evaluate<string>;
}

/** Starts from an empty response, or from that in a variable: nothing that the backend sent is kept. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const givenStatus = optionalValue(node, "status");
  const status = givenStatus === undefined ? undefined : evaluateInteger(givenStatus, clock, 200, 599);
  const variable = literalText(node, "responseVariable");
  const reason = optionalText(node, "reason", clock);
  const body = optionalValue(node, "body");
  const evaluateBody = body === undefined ? undefined : evaluateAny(body, clock);
  const fields = linkFields(argumentOf(node, "headers"), clock);
  const changes = linkAnswerChanges(argumentOf(node, "policies"), context.ports);
  const goesOn = literalFlag(node, "outbound");
  const isInbound = context.section === "inbound" || context.section === "backend";
  const hasStatus = status !== undefined || policiesOf(node.args["policies"]).some(({ name }) => name === "set-status");
  return (exchange): Answer | undefined => {
    const draft = variable === undefined ? emptyAnswer() : answerOf(exchange, variable, hasStatus);
    if (status !== undefined) {
      draft.status = status(exchange);
      draft.statusText = STATUS_CODES[draft.status] ?? "";
    }
    if (reason !== undefined) draft.statusText = safeFieldValue(reason(exchange));
    writeFields(fields, exchange, draft.headers);
    if (evaluateBody !== undefined) draft.body = bytesOf(evaluateBody(exchange));
    for (const change of changes) change(draft, exchange);
    if (!goesOn) return { kind: "answer", ...draft };
    if (isInbound) return { kind: "answer", ...draft, outbound: true };
    exchange.response = new ResponseDraft(draft.status, draft.statusText, draft.headers, draft.body, "policy");
    return undefined;
  };
}

function optionalText(node: PolicyNode, name: string, clock: Clock): Evaluate<string> | undefined {
  const value = optionalValue(node, name);
  return value === undefined ? undefined : evaluateString(value, clock);
}

function linkFields(argument: Argument | undefined, clock: Clock): readonly Field[] {
  if (argument?.kind !== "map") return [];
  return Object.entries(argument.entries).flatMap(([name, given]) => {
    const values = isValue(given) ? [given] : listOf(given).filter(isValue);
    return values.map((value) => ({ name, value: evaluateString(value, clock) }));
  });
}

/** What the definition writes takes the place of what was received under the same name. */
function writeFields(fields: readonly Field[], exchange: Exchange, headers: HeaderList): void {
  for (const { name } of fields) headers.delete(name.toLowerCase());
  for (const field of fields) headers.append(field.name, safeFieldValue(field.value(exchange)));
}

function emptyAnswer(): AnswerDraft {
  return { status: 200, statusText: "OK", headers: new HeaderList(), body: null };
}

/**
 * Where there is no such variable, or a call that failed has left null in it, an answer that says its status is made
 * from nothing: API Management's own examples name a variable that nobody sets. Nothing else would say what to answer.
 */
function answerOf(exchange: Exchange, variable: string, hasStatus: boolean): AnswerDraft {
  const received = exchange.variables?.get(variable) ?? null;
  if (received === null && hasStatus) return emptyAnswer();
  if (!(received instanceof ReceivedResponse)) {
    throw expressionFailed(`return-response: the variable ${variable} holds no response`);
  }
  // A status that ends no response cannot end this one.
  const status = received.status >= 200 && received.status <= 599 ? received.status : 502;
  const headers = received.headers.clone();
  headers.delete("content-length");
  return { status, statusText: received.statusText, headers, body: received.body };
}
