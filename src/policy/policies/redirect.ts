import { STATUS_CODES } from "#lib/node-http.ts";
import type { Answer } from "#model/decision.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalNumber, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateTarget } from "#policy/redirect-target.ts";

export function link(node: PolicyNode, context: LinkContext): Run {
  const target = evaluateTarget(requiredValue(node, "to"), context.ports.clock);
  const status = literalNumber(node, "status");
  return (exchange): Answer => ({
    kind: "answer",
    status,
    statusText: STATUS_CODES[status] ?? "",
    headers: new HeaderList(["Location", target(exchange)]),
    body: null,
  });
}
