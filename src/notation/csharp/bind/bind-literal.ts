import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { nullType } from "#notation/csharp/type/cs-type.ts";
import { charOf } from "#notation/csharp/value/char.ts";
import { parseDecimal } from "#notation/csharp/value/decimal.ts";
import { Double, Single, Small, ULong } from "#notation/csharp/value/numbers.ts";
import type { Binder } from "./binder.ts";
import { type Bound, constantOf } from "./bound.ts";

type Literal = Extract<Expr, { kind: "literal" }>;

const ids: Readonly<Record<Exclude<Literal["type"], "null">, string>> = {
  bool: "Boolean",
  char: "Char",
  string: "String",
  int: "Int32",
  uint: "UInt32",
  long: "Int64",
  ulong: "UInt64",
  float: "Single",
  double: "Double",
  decimal: "Decimal",
};

export function bindLiteral(binder: Binder, literal: Literal): Bound {
  if (literal.type === "null") return constantOf(nullType, literal.start, null);
  return constantOf(binder.type(ids[literal.type]), literal.start, valueOf(literal));
}

function valueOf({ type, value }: Literal): unknown {
  switch (type) {
    case "char":
      return charOf((value as string).charCodeAt(0));
    case "int":
      return Number(value);
    case "uint":
      return new Small("UInt32", Number(value));
    case "ulong":
      return new ULong(value as bigint);
    case "float":
      return new Single(Number(value));
    case "double":
      return new Double(Number(value));
    case "decimal":
      return parseDecimal(String(value));
    default:
      return value;
  }
}
