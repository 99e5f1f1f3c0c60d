import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import type { Ref, TypeTable } from "#notation/csharp/type/type-def.ts";
import { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { argument, argumentNull } from "#notation/csharp/value/net-exception.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import type { NetType } from "#notation/csharp/value/net-type.ts";
import { hostType } from "#notation/csharp/type/host-type.ts";
import { compareValues } from "#notation/csharp/value/compare.ts";

function read(type: CsType, text: string, ignoresCase: boolean): EnumValue | undefined {
  if (type.kind !== "named") return undefined;
  const { values = {} } = type.def.table;
  let sum = 0;
  for (const part of text.split(",")) {
    const name = part.trim();
    const same = (key: string): boolean => (ignoresCase ? key.toLowerCase() === name.toLowerCase() : key === name);
    const key = Object.keys(values).find(same);
    if (key !== undefined) sum |= values[key] ?? 0;
    else if (/^-?\d{1,9}$/.test(name)) sum |= Number(name);
    else return undefined;
  }
  return new EnumValue(type.def, sum);
}

function parse(type: CsType, text: string | null, ignoresCase = false): EnumValue {
  if (text === null) throw argumentNull("value");
  const found = read(type, text, ignoresCase);
  if (found === undefined) throw argument(`Requested value '${text}' was not found.`);
  return found;
}

function attempt(type: CsType, text: string | null, ignoresCase: boolean, result: Ref): boolean {
  const found = text === null ? undefined : read(type, text, ignoresCase);
  result.value = found ?? (type.kind === "named" ? new EnumValue(type.def, 0) : null);
  return found !== undefined;
}

function nameOf(type: CsType, value: unknown): string | null {
  const { values = {} } = type.kind === "named" ? type.def.table : {};
  const number = value instanceof EnumValue ? value.value : Number(toText(value));
  return Object.keys(values).find((name) => values[name] === number) ?? null;
}

const typeIn = (type: NetType): CsType => type.type as CsType;

export const enumTable: TypeTable = {
  name: "Enum",
  namespace: "System",
  kind: "class",
  implements: ["IComparable"],
  statics: {
    "Parse(Type enumType, string value): object": (type: NetType, text: string | null) => parse(typeIn(type), text),
    "Parse(Type enumType, string value, bool ignoreCase): object": (
      type: NetType,
      text: string | null,
      ignore: boolean,
    ) => parse(typeIn(type), text, ignore),
    "Parse<type TEnum>(string value): TEnum": parse,
    "Parse<type TEnum>(string value, bool ignoreCase): TEnum": parse,
    "TryParse<type TEnum>(string value, out TEnum result): bool": (type: CsType, text: string | null, result: Ref) =>
      attempt(type, text, false, result),
    "TryParse<type TEnum>(string value, bool ignoreCase, out TEnum result): bool": attempt,
    "GetNames(Type enumType): string[]": (type: NetType) => new NetArray(hostType("String"), namesOf(typeIn(type))),
    "GetName(Type enumType, object value): string": (type: NetType, value: unknown) => nameOf(typeIn(type), value),
    "IsDefined(Type enumType, object value): bool": (type: NetType, value: unknown) =>
      namesOf(typeIn(type)).includes(String(value)),
  },
  members: {
    "ToString(string format): string": (self: EnumValue, format: string | null) =>
      /^[dD]$/.test(format ?? "") ? String(self.value) : self.toString(),
    "HasFlag(Enum flag): bool": (self: EnumValue, flag: EnumValue) => (self.value & flag.value) === flag.value,
    "CompareTo(object target): int": compareValues,
  },
};

function namesOf(type: CsType): string[] {
  if (type.kind !== "named") throw argument(`${show(type)} is no enum`);
  return Object.keys(type.def.table.values ?? {});
}
