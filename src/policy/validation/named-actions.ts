import type { Argument } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { listOf } from "#policy/arguments.ts";
import { type Evaluate, isValue } from "#policy/values.ts";
import { type Action, evaluateAction } from "./findings.ts";

/** Actions of single names, which are found in any case. */
export function linkNamedActions(list: Argument | undefined, clock: Clock): ReadonlyMap<string, Evaluate<Action>> {
  return new Map(
    listOf(list).map((item) => {
      const { name, action } = item.kind === "map" ? item.entries : {};
      const evaluate = isValue(action) ? evaluateAction(action, clock) : (): Action => "prevent";
      return [name?.kind === "literal" ? String(name.value).toLowerCase() : "", evaluate] as const;
    }),
  );
}

/** The action of an argument, or undefined where it is not given. */
export function optionalAction(argument: Argument | undefined, clock: Clock): Evaluate<Action> | undefined {
  return isValue(argument) ? evaluateAction(argument, clock) : undefined;
}
