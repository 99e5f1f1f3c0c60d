import { type ArgumentProblem, type CheckedArguments, itemsOf } from "./common.ts";

/** Each limit of an API or of an operation is whole, and says whose it is. A period that it does not say is the outer one. */
export function nestedLimits(args: CheckedArguments, counts: readonly string[]): ArgumentProblem | undefined {
  for (const api of itemsOf(args["apis"])) {
    if (api.kind !== "map") continue;
    const operations = itemsOf(api.entries["operations"]);
    const timed = args["period"] !== undefined;
    const timedHere = timed || api.entries["period"] !== undefined;
    const problem =
      limitProblem(api.entries, counts, timed, operations.length > 0) ?? firstOf(operations, counts, timedHere);
    if (problem !== undefined) return { argument: "apis", message: problem };
  }
  return undefined;
}

function firstOf(
  operations: ReturnType<typeof itemsOf>,
  counts: readonly string[],
  outer: boolean,
): string | undefined {
  for (const operation of operations) {
    const problem = operation.kind === "map" ? limitProblem(operation.entries, counts, outer, false) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** @param outer what is around it has a period */
function limitProblem(
  entries: CheckedArguments,
  counts: readonly string[],
  outer: boolean,
  mayBeBare: boolean,
): string | undefined {
  if (entries["name"] === undefined && entries["id"] === undefined) return "each needs a name or an id";
  const counted = counts.some((name) => entries[name] !== undefined);
  const timed = entries["period"] !== undefined;
  if (counted ? timed || outer : !timed && mayBeBare) return undefined;
  return `each needs ${counts.join(" or ")}, and a period`;
}
