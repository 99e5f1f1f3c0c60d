import { STATUS_CODES } from "node:http";
import type { Answer } from "#model/decision.ts";
import { type Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { type AnswerDraft, bytesOf, linkAnswerChanges } from "#policy/answer-changes.ts";
import { argumentOf, listOf, optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { safeFieldValue } from "#policy/field-value.ts";
import { type Evaluate, evaluateAny, evaluateInteger, evaluateString, isValue } from "#policy/values.ts";

interface Field {
  readonly name: string;
  readonly value: Evaluate<string>;
}

/** Starts from an empty response: nothing that the backend sent is kept. */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { clock } = context.ports;
  const status = evaluateInteger(requiredValue(node, "status"), clock, 200, 599);
  const reason = optionalText(node, "reason", clock);
  const body = optionalValue(node, "body");
  const evaluateBody = body === undefined ? undefined : evaluateAny(body, clock);
  const fields = linkFields(argumentOf(node, "headers"), clock);
  const changes = linkAnswerChanges(argumentOf(node, "policies"), context.ports);
  return (exchange): Answer => {
    const code = status(exchange);
    const draft: AnswerDraft = {
      status: code,
      statusText: reason === undefined ? (STATUS_CODES[code] ?? "") : safeFieldValue(reason(exchange)),
      headers: writeFields(fields, exchange),
      body: evaluateBody === undefined ? null : bytesOf(evaluateBody(exchange)),
    };
    for (const change of changes) change(draft, exchange);
    return { kind: "answer", ...draft };
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

function writeFields(fields: readonly Field[], exchange: Exchange): HeaderList {
  const headers = new HeaderList();
  for (const field of fields) headers.append(field.name, safeFieldValue(field.value(exchange)));
  return headers;
}
