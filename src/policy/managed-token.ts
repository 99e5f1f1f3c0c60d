import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, optionalValue, requiredValue } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { evaluateBoolean, evaluateString } from "./values.ts";

/** Puts a token where the node says: into a variable, or into Authorization by `write`. */
export type UseManagedToken = (exchange: Exchange, write: (field: string) => void) => void | Promise<void>;

export function linkManagedToken(node: PolicyNode, { clock, managedIdentity }: PolicyPorts): UseManagedToken {
  const resource = evaluateString(requiredValue(node, "resource"), clock);
  const givenId = optionalValue(node, "clientId");
  const clientId = givenId === undefined ? () => "" : evaluateString(givenId, clock);
  const variable = literalText(node, "outputVariable");
  const ignoresErrors = evaluateBoolean(requiredValue(node, "ignoreError"), clock);

  const put = (exchange: Exchange, token: string, write: (field: string) => void): void => {
    if (variable === undefined) write(`Bearer ${token}`);
    else exchange.setVariable(variable, token);
  };
  const putLater = async (
    pending: Promise<string>,
    exchange: Exchange,
    write: (field: string) => void,
  ): Promise<void> => {
    try {
      put(exchange, await pending, write);
    } catch (error) {
      if (!ignoresErrors(exchange)) throw error;
    }
  };
  return (exchange, write) => {
    const token = managedIdentity.token(resource(exchange), clientId(exchange));
    return typeof token === "string" ? put(exchange, token, write) : putLater(token, exchange, write);
  };
}
