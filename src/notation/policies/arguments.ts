import { isMap, isScalar } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { ArgumentSpec, PolicySpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { SlotEntry } from "#notation/yaml/slot.ts";
import type { PolicyPlace, PolicyReading } from "./policy-reading.ts";

export interface ReadArguments {
  readonly args: Readonly<Record<string, Argument>>;
  /** Of the arguments that are written out. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
}

/** Reads the arguments of a policy: a map, nothing, or the one value that its shorthand stands for. */
export function readArguments(
  reading: PolicyReading,
  spec: PolicySpec,
  entry: SlotEntry,
  place: PolicyPlace,
): ReadArguments {
  const entries = writtenArguments(reading, spec, entry);
  const args = entries === undefined ? [] : readNamed(reading, spec.name, spec.args, entries, entry.at, place);
  return { args: Object.fromEntries(args), positions: new Map((entries ?? []).map(({ key, slot }) => [key, slot.at])) };
}

function writtenArguments(
  reading: PolicyReading,
  spec: PolicySpec,
  entry: SlotEntry,
): readonly SlotEntry[] | undefined {
  const { node } = entry.slot;
  if (node === null || (isScalar(node) && node.value === null)) return [];
  if (spec.shorthand === undefined || isMap(node)) {
    return readEntries(reading, entry.slot, `a map with the arguments of ${spec.name}`);
  }
  return [{ key: spec.shorthand, at: entry.slot.at, slot: entry.slot }];
}

/**
 * Reads named values by their specs: unknown names are refused, missing ones reported or filled in by default.
 * `owner` names the whole in messages.
 */
export function readNamed(
  reading: PolicyReading,
  owner: string,
  specs: Readonly<Record<string, ArgumentSpec>>,
  entries: readonly SlotEntry[],
  at: SourcePosition,
  place: PolicyPlace,
): readonly (readonly [string, Argument])[] {
  const found: (readonly [string, Argument])[] = [];
  for (const { key, at: keyAt, slot } of entries) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    const fix = suggestion(key, Object.keys(specs), (name) => name);
    if (spec === undefined) reading.problems.error("key-unknown", keyAt, `${owner} has no argument ${key}`, fix);
    const value =
      spec === undefined ? undefined : place.descent.readArgument(reading, spec, slot, place, `${owner}.${key}`);
    if (value !== undefined) found.push([key, value]);
  }
  const written = new Set(entries.map(({ key }) => key));
  for (const [name, spec] of Object.entries(specs)) {
    if (written.has(name)) continue;
    if (spec.default !== undefined) found.push([name, { kind: "literal", value: spec.default }]);
    else if (spec.required === true) {
      reading.problems.error(
        "key-missing",
        at,
        `${owner} lacks ${name}`,
        `add ${name}: … (${spec.summary.replace(/\.$/, "")})`,
      );
    }
  }
  return found;
}
