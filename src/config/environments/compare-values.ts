import type { Named } from "#config/shapes/record.ts";
import type { ValueInput } from "#config/table/environment.ts";

/** A value that differs between two environments: plain, or `{"secret": where it is read from}`. */
export interface ValueDifference {
  readonly name: string;
  /** Undefined: it has none. */
  readonly before: unknown;
  readonly after: unknown;
}

type Values = readonly Named<ValueInput>[];

export function compareValues(before: Values, after: Values): readonly ValueDifference[] {
  const [old, fresh] = [shownValues(before), shownValues(after)];
  return [...new Set([...old.keys(), ...fresh.keys()])]
    .map((name) => ({ name, before: old.get(name), after: fresh.get(name) }))
    .filter((one) => JSON.stringify(one.before) !== JSON.stringify(one.after) && counts(one));
}

/** What a plain value of one side alone does is told by what it is filled into, and written out it is no value any more. */
function counts({ before: was, after: is }: ValueDifference): boolean {
  return (was !== undefined && is !== undefined) || typeof (was ?? is) === "object";
}

function shownValues(values: Values): ReadonlyMap<string, unknown> {
  return new Map(values.map(({ name, value }) => [name, shown(value)]));
}

function shown(value: ValueInput): unknown {
  if (value.kind === "plain") return value.value;
  if (value.kind === "vault") return { secret: `key vault ${value.secret.origin}${value.secret.path}` };
  return { secret: value.kind === "value" ? value.origin : `${value.kind} ${value.name}` };
}
