import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { argumentNull, badFormat } from "#notation/csharp/value/net-exception.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";

export const booleanTable: TypeTable = {
  name: "Boolean",
  namespace: "System",
  alias: "bool",
  kind: "struct",
  implements: ["IComparable", "IComparable<bool>", "IConvertible"],
  zero: () => false,
  statics: {
    "TrueString: string": () => "True",
    "FalseString: string": () => "False",
    "Parse(string value): bool": (value: string | null) => parseBoolean(value),
    "TryParse(string value, out bool result): bool": (value: string | null, result: Ref<boolean>) => {
      const found = value === null ? undefined : known(value);
      result.value = found ?? false;
      return found !== undefined;
    },
  },
  members: {
    "CompareTo(bool value): int": (self: boolean, other: boolean) => compareValues(self, other),
    "Equals(bool obj): bool": (self: boolean, other: boolean) => self === other,
    "ToString(IFormatProvider provider): string": (self: boolean) => (self ? "True" : "False"),
  },
};

function known(value: string): boolean | undefined {
  const text = value.replace(/^[\s\0]+|[\s\0]+$/g, "").toLowerCase();
  return text === "true" ? true : text === "false" ? false : undefined;
}

export function parseBoolean(value: string | null): boolean {
  if (value === null) throw argumentNull("value");
  const found = known(value);
  if (found === undefined) throw badFormat(`String '${value}' was not recognized as a valid Boolean.`);
  return found;
}
