import { Buffer } from "node:buffer";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock, ProxyDestination } from "#model/ports.ts";
import { optionalValue, requiredValue } from "./arguments.ts";
import { expressionFailed } from "./failure.ts";
import { type Evaluate, evaluateString } from "./values.ts";

/** A proxy whose URL has any computed part may be a client's choice, so egress control decides about it. */
export function linkProxy(node: PolicyNode, clock: Clock): Evaluate<ProxyDestination> {
  const value = requiredValue(node, "url");
  const declared = value.kind === "literal";
  const url = evaluateString(value, clock);
  const [username, password] = ["username", "password"].map((name) => {
    const given = optionalValue(node, name);
    return given === undefined ? undefined : evaluateString(given, clock);
  });
  return (exchange) => {
    const user = username?.(exchange);
    if (user?.includes(":") === true) throw expressionFailed("proxy: the user's name has a colon");
    const text = `${user ?? ""}:${password?.(exchange) ?? ""}`;
    const authorization = user === undefined ? null : `Basic ${Buffer.from(text, "utf8").toString("base64")}`;
    return { url: url(exchange), declared, authorization };
  };
}
