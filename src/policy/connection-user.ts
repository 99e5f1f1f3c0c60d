import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { TokenVerdict } from "#model/ports.ts";
import { optionalValue, requiredValue } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { expressionFailed } from "./failure.ts";
import { evaluateString } from "./values.ts";

/** Refuses who may not use a connection. A promise only where a token has to be verified. */
export type CheckUser = (exchange: Exchange, provider: string, name: string) => void | Promise<void>;

/**
 * `managed` is this gateway itself, which its definition has given the connection. `jwt` is whoever a token is of: it is
 * verified as any other, and its principal must be one of the connection's users; nobody is unless the definition says so.
 */
export function linkConnectionUser(node: PolicyNode, { clock, tokens, connectionUsers }: PolicyPorts): CheckUser {
  const kind = evaluateString(requiredValue(node, "identityType"), clock);
  const given = optionalValue(node, "identity");
  const identity = given === undefined ? () => "" : evaluateString(given, clock);

  const check = (verdict: TokenVerdict, provider: string, name: string): void => {
    const users = connectionUsers.find((one) => one.provider === provider && one.name === name)?.users ?? [];
    if (!verdict.ok) throw notAllowed("the token that was shown for a connection is not valid");
    if (!users.includes(verdict.principal.id)) throw notAllowed("whose token was shown may not use the connection");
  };
  return (exchange, provider, name) => {
    const type = kind(exchange).toLowerCase();
    if (type === "managed") return undefined;
    if (type !== "jwt") throw expressionFailed("get-authorization-context: identityType is managed or jwt");
    const verdict = tokens.verify(
      identity(exchange)
        .replace(/^Bearer +/i, "")
        .trim(),
    );
    if (verdict instanceof Promise) return verdict.then((late) => check(late, provider, name));
    return check(verdict, provider, name);
  };
}

function notAllowed(message: string): GatewayError {
  return new GatewayError("connection-failed", 500, message);
}
