import type { Definition } from "#model/definition.ts";
import { changesBetween } from "./changes.ts";
import { type Difference, differenceGroups } from "./difference.ts";
import { entryOf, placeText } from "./entry-of.ts";
import { groupOf } from "./group-of.ts";
import { plain } from "./plain.ts";

/**
 * Where two definitions that were read (`loadDefinition`) mean different things: the same definition in two
 * environments, before and after a change, in a file and in force. There is a difference exactly where `hashDefinition`
 * says so: spelling, comments, places in files and values of secrets do not count, and the order of things does.
 *
 * Sorted by group (the most dangerous first), then as the definition has it. `before` and `after` are for showing and
 * for JSON; to decide on what changed, look into the two definitions themselves.
 */
export function compareDefinitions(before: Definition, after: Definition): readonly Difference[] {
  const changes = changesBetween(compared(before), compared(after));
  return changes
    .map(({ path, before: was, after: is, isOrder }): Difference => {
      const { entry, place } = entryOf(path);
      const group = groupOf(entry, place, was, is);
      const shown = { before: plain(was), after: plain(is) };
      return { group, entry, place: placeText(place), ...shown, ...(isOrder === true ? { isOrder } : {}) };
    })
    .toSorted((a, b) => differenceGroups.indexOf(a.group) - differenceGroups.indexOf(b.group));
}

/** What the hash is made of. */
function compared(definition: Definition): object {
  const { exceptions = [] } = definition;
  return { ...definition, exceptions, files: undefined, usesVault: undefined };
}
