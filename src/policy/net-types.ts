import { arrayOf, type CsType, named, nullable } from "#notation/csharp/type/cs-type.ts";
import { registryHolder } from "#notation/csharp/type/registry-holder.ts";

/** A type of C# as JSON: its id, its id with type arguments, or what it is an array or a nullable of. */
export type CodedType =
  | string
  | readonly [string, ...CodedType[]]
  | { readonly array: CodedType; readonly rank: number }
  | { readonly nullable: CodedType };

/** @returns undefined for types that have no name: those of tuples and anonymous objects */
export function codeType(type: CsType): CodedType | undefined {
  if (type.kind === "array") {
    const array = codeType(type.element);
    return array === undefined ? undefined : { array, rank: type.rank };
  }
  if (type.kind === "nullable") {
    const inner = codeType(type.of);
    return inner === undefined ? undefined : { nullable: inner };
  }
  if (type.kind !== "named") return undefined;
  const args = type.args.map(codeType);
  if (args.length === 0) return type.def.id;
  return args.some((arg) => arg === undefined) ? undefined : [type.def.id, ...(args as CodedType[])];
}

export function decodeType(coded: CodedType): CsType {
  if (typeof coded === "string") return registryHolder().lookup(coded).self;
  if ("array" in coded) return arrayOf(decodeType(coded.array), coded.rank);
  if ("nullable" in coded) return nullable(decodeType(coded.nullable));
  const [id, ...args] = coded;
  return named(registryHolder().lookup(id), args.map(decodeType));
}
