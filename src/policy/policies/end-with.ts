import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";

/** The last one that runs wins, also over `set-backend-service`. Where an error is handled its page is served at once. */
export function link(node: PolicyNode, { ports, section }: LinkContext): Run {
  const name = literalText(node, "ending") ?? "";
  const index = (ports.endings ?? []).indexOf(name);
  if (index < 0) throw new GatewayError("definition-invalid", 500, `end-with: there is no ending ${name}`);
  if (section === "on-error") return (exchange) => ports.errorPage?.(exchange, index);
  return (exchange) => {
    exchange.request.ending = index;
    return undefined;
  };
}
