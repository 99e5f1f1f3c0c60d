import { suggestion } from "#notation/nearest.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { SlotEntry } from "#notation/yaml/slot.ts";
import { reportType } from "#notation/yaml/wrong-type.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { mayDiffer, type OverlayKind } from "#config/environments/may-differ.ts";
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
          ? isWritten(reading, entry)
          : refuse(reading, entry, what, names, Object.keys(properties)),
      ),
  };
}

/** A setting without anything would take away the one that is there. */
function isWritten(reading: PolicyReading, { slot }: SlotEntry): boolean {
  return slot.node !== null || reportType(reading, slot, "a value") !== undefined;
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
