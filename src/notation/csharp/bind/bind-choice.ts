import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { commonType } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { invalidOperation } from "#notation/csharp/value/net-exception.ts";
import type { Binder } from "./binder.ts";
import { condition } from "./bind-binary.ts";
import { type Bound, type Operand, valueOf } from "./bound.ts";

type Conditional = Extract<Expr, { kind: "conditional" }>;
type Switch = Extract<Expr, { kind: "switch" }>;

/** `test ? yes : no` */
export function bindConditional(binder: Binder, syntax: Conditional, expected: CsType | null): Bound {
  const test = condition(binder, binder.value(syntax.test, binder.type("Boolean")));
  const operands = [binder.operand(syntax.yes), binder.operand(syntax.no)];
  const [yes, no] = unified(binder, operands, expected, syntax.start) as [Bound, Bound];
  return valueOf(yes.type, syntax.start, () => {
    const tested = test.emit();
    const first = yes.emit();
    const second = no.emit();
    return (frame) => (tested(frame) === true ? first(frame) : second(frame));
  });
}

/** Values of which one is chosen, brought to one type: the one that all convert to, else the one that is wanted. */
function unified(binder: Binder, operands: readonly Operand[], expected: CsType | null, at: number): readonly Bound[] {
  const typed = operands.filter((operand) => operand.kind === "value");
  const found = commonType(typed) ?? expected;
  if (found === null || found === undefined) {
    const [a, b] = typed;
    if (typed.length === operands.length && typed.every(({ type }) => type.kind === "null")) return typed;
    if (a === undefined || b === undefined)
      return operands.map((operand) => binder.rules.settle(binder, operand, expected));
    return binder.fail(`'${show(a.type)}' and '${show(b.type)}' have no type in common`, at);
  }
  return operands.map((operand) => binder.convert(binder.rules.settle(binder, operand, found), found));
}

/** `value switch { pattern => result, … }` */
export function bindSwitch(binder: Binder, syntax: Switch, expected: CsType | null): Bound {
  const input = binder.value(syntax.value);
  const outer = binder.scope;
  const arms = syntax.arms.map((arm) =>
    binder.inner(() => {
      const pattern = binder.rules.pattern(binder, arm.pattern, input.type);
      const when = arm.when === null ? null : condition(binder, binder.value(arm.when));
      return { pattern, when, operand: binder.operand(arm.value), scope: binder.scope };
    }),
  );
  const results = unifiedArms(binder, arms, expected);
  binder.scope = outer;
  const type = results[0]?.type ?? binder.type("Object");
  return valueOf(type, syntax.start, () => {
    const code = input.emit();
    const emitted = arms.map((arm, index) => ({
      test: arm.pattern.emit(),
      when: arm.when?.emit(),
      result: (results[index] as Bound).emit(),
    }));
    return (frame) => {
      const value = code(frame);
      for (const { test, when, result } of emitted) {
        if (test(frame, value) && (when === undefined || when(frame) === true)) return result(frame);
      }
      throw invalidOperation("Non-exhaustive switch expression failed to match its input.");
    };
  });
}

function unifiedArms(
  binder: Binder,
  arms: readonly { readonly operand: Operand; readonly scope: Binder["scope"] }[],
  expected: CsType | null,
): readonly Bound[] {
  const found =
    commonType(arms.map(({ operand }) => operand).filter((operand) => operand.kind === "value")) ?? expected;
  return arms.map(({ operand, scope }) => {
    binder.scope = scope;
    const settled = binder.rules.settle(binder, operand, found ?? null);
    return found === null || found === undefined ? settled : binder.convert(settled, found);
  });
}
