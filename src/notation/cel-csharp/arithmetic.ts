import { allDefined, longRange, type Range, type Term, term } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%";

/** Numbers: 64 bits and never past them, as CEL has it. @returns undefined for operands of other types */
export function numeric(op: ArithmeticOperator, left: Term, right: Term, offset: number): Term | undefined {
  if (left.type === "double" && right.type === "double") {
    if (op === "%") throw new Untranslatable("% of doubles has no counterpart", offset);
    return term("double", `(${left.code} ${op} ${right.code})`, allDefined(left.defined, right.defined));
  }
  if (left.type !== "int" || right.type !== "int") return undefined;
  return op === "/" || op === "%" ? divided(op, left, right) : whole(op, left, right);
}

function whole(op: "+" | "-" | "*", left: Term, right: Term): Term {
  const range = rangeOf(op, left.range ?? longRange, right.range ?? longRange);
  const code = `(${left.code} ${op} ${right.code})`;
  if (range.low >= longRange.low && range.high <= longRange.high) {
    return term("int", code, allDefined(left.defined, right.defined), { range });
  }
  return term("int", `checked${code}`, false);
}

function rangeOf(op: "+" | "-" | "*", a: Range, b: Range): Range {
  if (op === "+") return { low: a.low + b.low, high: a.high + b.high };
  if (op === "-") return { low: a.low - b.high, high: a.high - b.low };
  const corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
  return {
    low: corners.reduce((least, one) => (one < least ? one : least)),
    high: corners.reduce((most, one) => (one > most ? one : most)),
  };
}

/** The least number by -1 is past the bounds, and `x % -1` with it in .NET. */
function divided(op: "/" | "%", left: Term, right: Term): Term {
  const code = `(${left.code} ${op} ${right.code})`;
  const by = right.range ?? longRange;
  const mayOverflow = (left.range ?? longRange).low === longRange.low && by.low <= -1n && by.high >= -1n;
  if (mayOverflow) return term("int", `checked${code}`, false);
  const isNever = by.low > 0n || by.high < 0n;
  const defined = allDefined(left.defined, right.defined, isNever ? null : `${right.code} != 0L`);
  const range = op === "/" && isNever ? { range: spread(left.range ?? longRange) } : {};
  return term("int", code, defined, range);
}

/** A quotient is no further from 0 than what is divided. */
function spread({ low, high }: Range): Range {
  const far = -low > high ? -low : high;
  return { low: -far < longRange.low ? longRange.low : -far, high: far > longRange.high ? longRange.high : far };
}

export function negative(operand: Term, offset: number): Term {
  const { type, code, defined, range = longRange } = operand;
  if (type === "double") return term("double", `(-${code})`, defined);
  if (type !== "int") throw new Untranslatable("- stands before something that is no number there", offset);
  if (range.low === longRange.low) return term("int", `checked(-${code})`, false);
  return term("int", `(-${code})`, defined, { range: { low: -range.high, high: -range.low } });
}
