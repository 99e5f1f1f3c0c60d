import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { sections } from "#model/policy-tree.ts";
import type { Export } from "./export.ts";

/** Names of backends that written policies choose, and those that are members of others. */
export function backendsNamed({ definition, trees }: Export): ReadonlySet<string> {
  const found = new Set(definition.backends.flatMap(({ targets }) => targets.flatMap(({ backend }) => backend ?? [])));
  for (const document of trees.values()) {
    for (const section of sections) for (const one of document[section] ?? []) collect(one, found);
  }
  return found;
}

function collect({ name, args }: PolicyNode, found: Set<string>): void {
  const { backendId } = args;
  if (name === "set-backend-service" && backendId?.kind === "literal") found.add(String(backendId.value));
  for (const argument of Object.values(args)) within(argument, found);
}

function within(argument: Argument, found: Set<string>): void {
  if (argument.kind === "policies") for (const one of argument.policies) collect(one, found);
  if (argument.kind === "list") for (const item of argument.items) within(item, found);
  if (argument.kind === "map") for (const entry of Object.values(argument.entries)) within(entry, found);
}
