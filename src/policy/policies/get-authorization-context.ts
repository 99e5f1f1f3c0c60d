import { ConnectionCredential } from "#model/connection.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { requiredValue } from "#policy/arguments.ts";
import { linkConnectionUser } from "#policy/connection-user.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { evaluateBoolean, evaluateString } from "#policy/values.ts";

/** Without a promise while there is a good token. With `ignoreError` the variable is null where there is none. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock, connections } = ports;
  const provider = evaluateString(requiredValue(node, "providerId"), clock);
  const name = evaluateString(requiredValue(node, "authorizationId"), clock);
  const variable = evaluateString(requiredValue(node, "contextVariable"), clock);
  const ignoresErrors = evaluateBoolean(requiredValue(node, "ignoreError"), clock);
  const checkUser = linkConnectionUser(node, ports);

  const tokenFor = (exchange: Exchange): string | Promise<string> => {
    const [ofProvider, called] = [provider(exchange), name(exchange)];
    const checking = checkUser(exchange, ofProvider, called);
    if (checking === undefined) return connections.token(ofProvider, called);
    return checking.then(() => connections.token(ofProvider, called));
  };
  const without = (error: unknown, exchange: Exchange): undefined => {
    if (!ignoresErrors(exchange)) throw error;
    exchange.setVariable(variable(exchange), null);
  };
  const keep = async (pending: Promise<string>, exchange: Exchange): Promise<undefined> => {
    try {
      exchange.setVariable(variable(exchange), new ConnectionCredential(await pending));
    } catch (error) {
      return without(error, exchange);
    }
  };
  return (exchange) => {
    let token: string | Promise<string>;
    try {
      token = tokenFor(exchange);
    } catch (error) {
      // An expression that fails is no error of the connection's.
      if (!(error instanceof GatewayError) || error.code !== "connection-failed") throw error;
      return without(error, exchange);
    }
    if (typeof token !== "string") return keep(token, exchange);
    exchange.setVariable(variable(exchange), new ConnectionCredential(token));
    return undefined;
  };
}
