import { type CsType, isNamed } from "#notation/csharp/type/cs-type.ts";
import type { KeyValuePair } from "#notation/csharp/value/key-value-pair.ts";
import type { TupleValue } from "#notation/csharp/value/tuple.ts";
import type { Binder } from "./binder.ts";
import type { Bound } from "./bound.ts";

export interface Parts {
  readonly types: readonly CsType[];
  split(value: unknown): readonly unknown[];
}

/** How a value is taken apart: tuples, and the pairs of a dictionary. */
export function pairOf(_binder: Binder, { type }: Pick<Bound, "type">, count: number): Parts | undefined {
  if (type.kind === "tuple" && type.elements.length === count) {
    return { types: type.elements, split: (value) => (value as TupleValue).items };
  }
  if (isNamed(type, "KeyValuePair`2") && count === 2) {
    return { types: type.args, split: (value) => [(value as KeyValuePair).key, (value as KeyValuePair).value] };
  }
  return undefined;
}
