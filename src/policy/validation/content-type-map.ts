import type { Argument } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { listOf } from "#policy/arguments.ts";
import { type Evaluate, evaluateCondition, isValue } from "#policy/values.ts";

/** Which content type a message counts as: the first that fits, else its own. */
export function linkContentTypeMap(map: Argument | undefined, clock: Clock): (sent: string) => Evaluate<string> {
  const entries = map?.kind === "map" ? map.entries : {};
  const any = literal(entries["anyContentType"]);
  const missing = literal(entries["missingContentType"]);
  const types = listOf(entries["types"]).map((item) => {
    const { from, when, to } = item.kind === "map" ? item.entries : {};
    const holds = isValue(when) ? evaluateCondition(when, clock) : undefined;
    return { from: literal(from), holds, to: literal(to) ?? "" };
  });
  return (sent) => (exchange) => {
    if (any !== undefined) return any;
    if (sent === "" && missing !== undefined) return missing;
    const found = types.find(({ from, holds }) => (holds === undefined ? from === sent : holds(exchange)));
    return found?.to ?? sent;
  };
}

function literal(argument: Argument | undefined): string | undefined {
  return argument?.kind === "literal" ? String(argument.value).trim().toLowerCase() : undefined;
}
