import type { Exchange } from "#model/exchange.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { argumentOf, listOf } from "./arguments.ts";
import type { PolicyPorts } from "./context.ts";
import { evaluateTellable } from "./tellable.ts";
import { type Evaluate, isValue } from "./values.ts";

/** UTF-16 units of one value; longer ones are cut. */
const maxValue = 64;

type Known = (exchange: Exchange, ports: PolicyPorts) => string;

/** Names whose value need not be said. Empty where there is none. */
const byName: Readonly<Record<string, Known>> = {
  "API ID": ({ api }) => api?.name ?? "",
  "Operation ID": ({ route }) => route?.operation ?? "",
  "Product ID": ({ product }) => product?.name ?? "",
  "User ID": ({ principal, subscription }) => subscription?.details?.owner()?.id ?? principal.id,
  "Subscription ID": ({ subscription }) => subscription?.id ?? "",
  "Backend ID": ({ request }, { backends }) => backends[request.backend]?.name ?? "",
  Location: () => "",
  "Gateway ID": () => "",
};

/** The dimensions of a metric as one text, `API ID=orders,Tier=gold`: what tells its series apart. */
export function linkDimensions(node: PolicyNode, ports: PolicyPorts): Evaluate<string> {
  const dimensions = listOf(argumentOf(node, "dimensions")).map((item) => linkDimension(item, ports));
  return (exchange) => dimensions.map((dimension) => dimension(exchange)).join(",");
}

function linkDimension(item: Argument, ports: PolicyPorts): Evaluate<string> {
  const { name: given, value } = item.kind === "map" ? item.entries : {};
  const name = given?.kind === "literal" ? String(given.value) : "";
  const known = Object.hasOwn(byName, name) ? byName[name] : undefined;
  const evaluate: Evaluate<string> = isValue(value)
    ? evaluateTellable(value, ports.clock, maxValue)
    : (exchange) => known?.(exchange, ports).slice(0, maxValue) ?? "";
  return (exchange) => `${name}=${separable(evaluate(exchange))}`;
}

/** A value cannot look like another dimension. */
function separable(value: string): string {
  return value.replaceAll(/[,=\n\r\\]/g, "_");
}
