import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { Decimal } from "./decimal.ts";
import { isNetObject } from "./net-object.ts";

/** A .NET number as JavaScript has it; every other value as it is. */
export function plainNumber(value: unknown): unknown {
  if (!isNetObject(value)) return value;
  const raw = rawNumber(value);
  if (raw === undefined || value.netType === "Char") return value;
  return raw instanceof Decimal ? raw.toNumber() : raw;
}
