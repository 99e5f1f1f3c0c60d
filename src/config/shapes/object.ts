import type { SourcePosition } from "#model/diagnostic.ts";
import type { PolicyReading } from "#notation/policies/policy-reading.ts";
import { suggestion } from "#notation/nearest.ts";
import { readEntries } from "#notation/yaml/collections.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import type { JsonSchema, Shape } from "./shape.ts";

interface Described<T> {
  readonly shape: Shape<T>;
  /** One sentence for editors and for the message when it is missing. */
  readonly about: string;
}

/** A setting that may be left out; `required` ones are reported then. */
export interface OpenField<T> extends Described<T> {
  readonly required?: true;
}

export interface DefaultField<T> extends Described<T> {
  readonly default: T;
}

/** A field for each member of T: one that is never undefined must have a default. */
export type Fields<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? OpenField<Exclude<T[K], undefined>> : DefaultField<T[K]>;
};

/** A shape that always gives a whole: what cannot be read has its default, or is undefined. */
export interface ObjectShape<T> extends Shape<T> {
  readonly read: (reading: PolicyReading, slot: Slot) => T;
  /** What a map without any setting means; for objects whose settings may all be left out. */
  readonly empty: T;
}

type AnyField = Described<unknown> & { readonly required?: true; readonly default?: unknown };

/** Reports what is written at a wrong place on purpose, better than as unknown; false: it is nothing of that kind. */
export type Refuse = (problems: PolicyReading["problems"], key: string, at: SourcePosition) => boolean;

/** A map with known settings. Unknown ones are refused with the nearest right name. */
export function object<T>(kind: string, fields: Fields<T>, refuse?: Refuse): ObjectShape<T> {
  const table: ReadonlyMap<string, AnyField> = new Map(Object.entries(fields) as [string, AnyField][]);
  const defaults = [...table].map(([name, field]) => [name, field.default] as const);
  // A loop: each of ten thousand operations is such a whole.
  const whole = (found: ReadonlyMap<string, unknown>): T => {
    const settings: Record<string, unknown> = {};
    for (const [name, value] of defaults) settings[name] = found.get(name) ?? value;
    return settings as T;
  };
  return {
    schema: objectSchema(table),
    empty: whole(new Map()),
    read: (reading, slot) => {
      const entries = readEntries(reading, slot, `a map for ${kind}`);
      if (entries === undefined) return whole(new Map());
      reportMissing(reading, kind, table, entries, slot.at);
      return whole(new Map(entries.map((entry) => [entry.key, readField(reading, kind, table, entry, refuse)])));
    },
  };
}

function readField(
  reading: PolicyReading,
  kind: string,
  table: ReadonlyMap<string, AnyField>,
  { key, at, slot }: SlotEntry,
  refuse: Refuse | undefined,
): unknown {
  const field = table.get(key);
  if (field !== undefined) return field.shape.read(reading, slot);
  if (refuse?.(reading.problems, key, at) === true) return undefined;
  const fix = suggestion(key, [...table.keys()], (name) => `${name}:`);
  reading.problems.error("key-unknown", at, `${kind} has no setting ${key.slice(0, 80)}`, fix);
  return undefined;
}

function reportMissing(
  { problems }: PolicyReading,
  kind: string,
  table: ReadonlyMap<string, AnyField>,
  entries: readonly SlotEntry[],
  at: SourcePosition,
): void {
  const written = new Set(entries.map(({ key }) => key));
  for (const [name, field] of table) {
    if (field.required !== true || written.has(name)) continue;
    problems.error("key-missing", at, `${kind} lacks ${name}`, `add ${name}: … (${field.about.replace(/\.$/, "")})`);
  }
}

function objectSchema(table: ReadonlyMap<string, AnyField>): JsonSchema {
  const properties = [...table].map(([name, field]) => [name, fieldSchema(field)] as const);
  const required = [...table].filter(([, field]) => field.required === true).map(([name]) => name);
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

/** Defaults that are whole objects are told by the defaults of their settings. */
function fieldSchema({ shape, about, default: value }: AnyField): JsonSchema {
  const shown =
    value === undefined || (typeof value === "object" && shape.show === undefined)
      ? undefined
      : (shape.show?.(value) ?? value);
  return { ...shape.schema, description: about, ...(shown === undefined ? {} : { default: shown }) };
}
