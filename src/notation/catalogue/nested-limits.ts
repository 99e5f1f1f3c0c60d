import { type ArgumentProblem, type CheckedArguments, itemsOf } from "./common.ts";

/** Each limit of an API or of an operation is whole, and says whose it is. */
export function nestedLimits(args: CheckedArguments, counts: readonly string[]): ArgumentProblem | undefined {
  for (const api of itemsOf(args["apis"])) {
    if (api.kind !== "map") continue;
    const operations = itemsOf(api.entries["operations"]);
    const problem = limitProblem(api.entries, counts, operations.length > 0) ?? firstOf(operations, counts);
    if (problem !== undefined) return { argument: "apis", message: problem };
  }
  return undefined;
}

function firstOf(operations: ReturnType<typeof itemsOf>, counts: readonly string[]): string | undefined {
  for (const operation of operations) {
    const problem = operation.kind === "map" ? limitProblem(operation.entries, counts, false) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function limitProblem(entries: CheckedArguments, counts: readonly string[], mayBeBare: boolean): string | undefined {
  if (entries["name"] === undefined && entries["id"] === undefined) return "each needs a name or an id";
  const counted = counts.some((name) => entries[name] !== undefined);
  const timed = entries["period"] !== undefined;
  if (counted === timed && (counted || mayBeBare)) return undefined;
  return `each needs ${counts.join(" or ")}, and a period`;
}
