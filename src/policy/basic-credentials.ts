import { Buffer } from "node:buffer";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { requiredValue } from "./arguments.ts";
import { expressionFailed } from "./failure.ts";
import { type Evaluate, evaluateString } from "./values.ts";

/** Value of Authorization. A colon in the user's name would move its end. @see RFC 7617 §2 */
export function linkBasicCredentials(node: PolicyNode, clock: Clock): Evaluate<string> {
  const username = evaluateString(requiredValue(node, "username"), clock);
  const password = evaluateString(requiredValue(node, "password"), clock);
  return (exchange) => {
    const user = username(exchange);
    if (user.includes(":")) throw expressionFailed("authentication-basic: the user's name has a colon");
    return `Basic ${Buffer.from(`${user}:${password(exchange)}`, "utf8").toString("base64")}`;
  };
}
