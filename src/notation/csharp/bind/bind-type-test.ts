import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { explicitConversion } from "#notation/csharp/type/conversions.ts";
import { isValueType, show } from "#notation/csharp/type/cs-type.ts";
import { isInstance } from "#notation/csharp/type/runtime-type.ts";
import type { Binder } from "./binder.ts";
import { type Bound, constantOf, valueOf } from "./bound.ts";

/** `(T)operand` */
export function bindCast(binder: Binder, syntax: Extract<Expr, { kind: "cast" }>): Bound {
  const type = binder.resolve(syntax.type);
  const operand = binder.value(syntax.operand, type);
  const conversion = explicitConversion(operand.type, type, binder.isChecked);
  if (conversion === undefined)
    return binder.fail(`'${show(operand.type)}' cannot be cast to '${show(type)}'`, syntax.start);
  const { convert } = conversion;
  if (
    operand.constant !== undefined &&
    operand.constant !== null &&
    conversion.kind === "numeric" &&
    convert !== null
  ) {
    return constantOf(type, syntax.start, convert(operand.constant));
  }
  return valueOf(type, syntax.start, () => {
    const code = operand.emit();
    return convert === null ? code : (frame) => convert(code(frame));
  });
}

/** `operand as T` */
export function bindAs(binder: Binder, syntax: Extract<Expr, { kind: "as" }>): Bound {
  const type = binder.resolve(syntax.type);
  const operand = binder.value(syntax.operand);
  if (isValueType(type) && type.kind !== "nullable") binder.fail("'as' goes with types that can be null", syntax.start);
  if (operand.type.kind !== "dynamic" && explicitConversion(operand.type, type, false) === undefined) {
    binder.fail(`'${show(operand.type)}' is never '${show(type)}'`, syntax.start);
  }
  return valueOf(type, syntax.start, () => {
    const code = operand.emit();
    return (frame) => {
      const value = code(frame);
      return isInstance(value, type) ? value : null;
    };
  });
}

/** `operand is pattern` */
export function bindIs(binder: Binder, syntax: Extract<Expr, { kind: "is" }>): Bound {
  const operand = binder.value(syntax.operand);
  const pattern = binder.rules.pattern(binder, syntax.pattern, operand.type);
  return valueOf(binder.type("Boolean"), syntax.start, () => {
    const code = operand.emit();
    const test = pattern.emit();
    return (frame) => test(frame, code(frame));
  });
}
