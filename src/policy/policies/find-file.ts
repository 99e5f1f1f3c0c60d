import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";

/** Asks the disk, so it waits; what is not there leaves the empty text, whatever the variable was before. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const name = literalText(node, "ending") ?? "";
  const variable = literalText(node, "outputVariable") ?? "";
  const index = (ports.endings ?? []).indexOf(name);
  const { findFile } = ports;
  const search = index < 0 ? null : findFile?.(index);
  if (search === null || search === undefined)
    throw new GatewayError("definition-invalid", 500, `find-file: there is no ending ${name} of files`);
  return async (exchange) => {
    exchange.setVariable(variable, (await search(exchange.request.path)) ?? "");
    return undefined;
  };
}
