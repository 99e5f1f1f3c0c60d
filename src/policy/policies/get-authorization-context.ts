import { ConnectionCredential } from "#model/connection.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateBoolean, evaluateString } from "#policy/values.ts";

/** Without a promise while there is a good token. With `ignoreError` the variable is null where there is none. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock, connections } = ports;
  const provider = evaluateString(requiredValue(node, "providerId"), clock);
  const name = evaluateString(requiredValue(node, "authorizationId"), clock);
  const variable = evaluateString(requiredValue(node, "contextVariable"), clock);
  const ignoresErrors = evaluateBoolean(requiredValue(node, "ignoreError"), clock);

  const keep = async (pending: Promise<string>, exchange: Exchange): Promise<undefined> => {
    try {
      exchange.setVariable(variable(exchange), new ConnectionCredential(await pending));
    } catch (error) {
      if (!ignoresErrors(exchange)) throw error;
      exchange.setVariable(variable(exchange), null);
    }
  };
  return (exchange) => {
    const token = connections.token(provider(exchange), name(exchange));
    if (typeof token !== "string") return keep(token, exchange);
    exchange.setVariable(variable(exchange), new ConnectionCredential(token));
    return undefined;
  };
}
