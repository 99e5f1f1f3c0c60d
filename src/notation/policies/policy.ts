import type { SourcePosition } from "#model/diagnostic.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { PolicySpec } from "#notation/catalogue/spec.ts";
import { suggestion } from "#notation/nearest.ts";
import { readRaw } from "#notation/yaml/scalars.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { readArguments } from "./arguments.ts";
import { checkPlace } from "./check-place.ts";
import { checkSupport } from "./check-support.ts";
import { hideSecrets } from "./hide-secrets.ts";
import type { PolicyPlace, PolicyReading } from "./policy-reading.ts";

/** Reads one policy by its name. */
export function readPolicy(
  reading: PolicyReading,
  entry: SlotEntry,
  id: Slot | undefined,
  place: PolicyPlace,
): PolicyNode | undefined {
  const spec = reading.catalogue.get(entry.key);
  if (spec === undefined) return reportUnknown(reading, entry, place);
  checkPlace(reading.problems, spec, entry.at, place);
  place.seen.add(spec.name);
  const before = reading.problems.errorCount;
  // The fragment that a name brings in is policies.
  const within = spec.name === "include-fragment" ? { ...reading, fixed: "the name of a fragment" } : reading;
  const { args, positions } = readArguments(within, spec, entry, place);
  // A rule over several arguments says nothing of use while one of them is wrong by itself.
  if (reading.problems.errorCount === before && reading.open !== true)
    checkTogether(reading, spec, args, positions, entry);
  checkSupport(reading.problems, spec, args, entry.at, (argument) => positions.get(argument));
  for (const [argument, at] of positions) reportUse(reading, spec.name, argument, args, at);
  const name = id === undefined ? undefined : readRaw(reading, id, "an id")?.text;
  return { name: spec.name, ...(name === undefined ? {} : { id: name }), at: entry.at, args };
}

function checkTogether(
  { problems }: PolicyReading,
  spec: PolicySpec,
  args: Readonly<Record<string, Argument>>,
  positions: ReadonlyMap<string, SourcePosition>,
  entry: SlotEntry,
): void {
  const wrong = spec.check?.(args);
  if (wrong === undefined) return;
  const at = positions.get(wrong.argument) ?? entry.at;
  const message = hideSecrets(wrong.message, Object.values(args));
  problems.error("argument-invalid", at, `${spec.name}.${wrong.argument}: ${message}`);
}

function reportUse(
  reading: PolicyReading,
  policy: string,
  argument: string,
  args: Readonly<Record<string, Argument>>,
  at: SourcePosition,
): void {
  const value = args[argument];
  if (value !== undefined) reading.onArgument({ policy, argument, value, at, args });
}

function reportUnknown(reading: PolicyReading, { key, at }: SlotEntry, { only }: PolicyPlace): undefined {
  const fix = suggestion(key, only ?? [...reading.catalogue.keys()], (name) => name);
  reading.problems.error("policy-unknown", at, `there is no policy ${key}`, fix);
}
