import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { literalText, optionalValue, requiredValue } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { safeFieldValue } from "./field-value.ts";
import { changeHeader, linkHeaderChange } from "./header-change.ts";
import { linkLiquid } from "./liquid/link-liquid.ts";
import { toText } from "./to-text.ts";
import { evaluateContent, evaluateInteger, evaluateString } from "./values.ts";

/** An answer in the making. */
export interface AnswerDraft {
  status: number;
  statusText: string;
  readonly headers: HeaderList;
  body: Uint8Array | null;
}

/**
 * One policy inside `return-response`. It changes the draft; what its expressions read is the exchange, so
 * `context.Response` is still the backend's.
 */
export type AnswerChange = (draft: AnswerDraft, exchange: Exchange) => void;

export function linkAnswerChanges(argument: Argument | undefined, ports: PolicyPorts): readonly AnswerChange[] {
  return argument?.kind === "policies" ? argument.policies.map((node) => linkChange(node, ports)) : [];
}

function linkChange(node: PolicyNode, ports: PolicyPorts): AnswerChange {
  const { clock } = ports;
  switch (node.name) {
    case "set-status":
      return linkStatus(node, clock);
    case "set-header":
      return linkHeader(node, clock);
    case "set-body":
      return linkBody(node, ports);
    default:
      throw new GatewayError("definition-invalid", 500, `${node.name} cannot stand in return-response`);
  }
}

function linkStatus(node: PolicyNode, clock: Clock): AnswerChange {
  const code = evaluateInteger(requiredValue(node, "code"), clock, 200, 599);
  const given = optionalValue(node, "reason");
  const reason = given === undefined ? undefined : evaluateString(given, clock);
  return (draft, exchange) => {
    draft.status = code(exchange);
    draft.statusText = reason === undefined ? (STATUS_CODES[draft.status] ?? "") : safeFieldValue(reason(exchange));
  };
}

function linkHeader(node: PolicyNode, clock: Clock): AnswerChange {
  const { name, action, values } = linkHeaderChange(node, clock);
  return ({ headers }, exchange) => changeHeader(headers, name(exchange), action(exchange), values, exchange);
}

function linkBody(node: PolicyNode, ports: PolicyPorts): AnswerChange {
  const { clock } = ports;
  if (literalText(node, "template") === "liquid") {
    // The answer has no body before it gets one, so the template sees none, and there is nothing to wait for.
    const liquid = linkLiquid(node, ports, null);
    return (draft, exchange) => void (draft.body = liquid(exchange) as Uint8Array);
  }
  const body = evaluateContent(requiredValue(node, "body"), clock);
  return (draft, exchange) => void (draft.body = bytesOf(body(exchange)));
}

/** UTF-8 of a text; bytes as they are. */
export function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(toText(value), "utf8");
}
