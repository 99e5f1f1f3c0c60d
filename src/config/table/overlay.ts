import { isMap, isSeq } from "yaml";
import { suggestion } from "#notation/nearest.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { differing, mayDiffer, type OverlayKind } from "#config/environments/may-differ.ts";
import { keyOf } from "#config/environments/put-node.ts";
import { refuseOverride } from "#config/environments/refuse-override.ts";
import type { ObjectShape } from "#config/shapes/object.ts";
import type { JsonSchema, Shape } from "#config/shapes/shape.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** Settings of one thing that an environment has of its own. What they hold is read where they are put. */
export function overlay<T>(kind: OverlayKind, what: string, whole: ObjectShape<T>): Shape<readonly SlotEntry[]> {
  const names: readonly string[] = mayDiffer[kind].map(({ name }) => name);
  const properties = whole.schema["properties"] as Properties;
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(names.map((name) => [name, withoutDefault(properties[name] ?? {})])),
      additionalProperties: false,
    },
    read: (reading, slot) =>
      readEntries(reading, slot, `a map for ${what}`)?.filter((entry) =>
        names.includes(entry.key)
          ? isTaken(reading, entry, kind)
          : refuse(reading, entry, what, names, Object.keys(properties)),
      ),
  };
}

/** A setting without anything would take away the one that is there. */
function isTaken(reading: PolicyReading, { key, slot }: SlotEntry, kind: OverlayKind): boolean {
  if (slot.node === null) return reportType(reading, slot, "a value") !== undefined;
  const without = differing(kind, key)?.without ?? [];
  return without.length === 0 || !refuseWithin(reading, slot, without);
}

/** Whether something was refused at any depth. */
function refuseWithin(reading: PolicyReading, { node, at }: Slot, without: readonly string[]): boolean {
  const { file, problems } = reading;
  const before = problems.errorCount;
  const look = (inner: unknown): void =>
    void refuseWithin(reading, file.slot(inner, node?.range?.[0] ?? 0, problems), without);
  if (isSeq(node)) for (const item of node.items) look(item);
  if (isMap(node)) {
    for (const pair of node.items) {
      if (without.includes(keyOf(pair))) refuseOverride(problems, keyOf(pair), at);
      look(pair.value);
    }
  }
  return problems.errorCount > before;
}

function withoutDefault(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== "default"));
}

function refuse(
  { problems }: PolicyReading,
  { key, at }: SlotEntry,
  what: string,
  names: readonly string[],
  known: readonly string[],
): false {
  if (refuseOverride(problems, key, at)) return false;
  if (known.includes(key)) {
    const message = `${key} of ${what} is the same in every environment`;
    const fix = `write a value that differs as {{name}} there; an environment may have its own ${names.join(", ")}`;
    problems.error("environment-fixed", at, message, fix);
  } else {
    const fix = suggestion(key, names, (name) => `${name}:`);
    problems.error("key-unknown", at, `${what} has no setting ${key.slice(0, 80)}`, fix);
  }
  return false;
}
