import { typeRegistry } from "#notation/csharp/net/all-types.ts";
import type { Block, Expr } from "#notation/csharp/syntax/ast.ts";
import { parsePolicyExpression } from "#notation/csharp/syntax/parse.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { commonType, explicitConversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { bindIndex } from "./bind-index.ts";
import { bindOperand, settle } from "./bind-expression.ts";
import { bindLambda } from "./bind-lambda.ts";
import { bindMember } from "./bind-name.ts";
import { bindPattern } from "./bind-pattern.ts";
import { bindStatement, bindStatements } from "./bind-statement.ts";
import { Binder, type BindRules } from "./binder.ts";
import { type Code, resultSlot } from "./bound.ts";
import { bindCall, bindConstruct } from "./call.ts";
import { dynamicBinary, dynamicCall, dynamicMember } from "./dynamic.ts";
import type { Expectation } from "./expectation.ts";
import { groupValue } from "./method-group.ts";

const rules: BindRules = {
  operand: bindOperand,
  settle,
  statement: bindStatement,
  statements: bindStatements,
  pattern: bindPattern,
  lambda: bindLambda,
  invoke: bindCall,
  construct: bindConstruct,
  member: bindMember,
  dynamicMember,
  dynamicCall,
  dynamicBinary,
  groupValue,
  index: bindIndex,
};

export interface BoundText {
  readonly binder: Binder;
  readonly shown: string;
  /** Links it; once. */
  result(): Code;
}

/** Parses and binds a whole expression. @throws CsharpProblem */
export function bindExpressionText(source: string, expect: Expectation): BoundText {
  try {
    const syntax = parsePolicyExpression(source);
    const binder = new Binder(typeRegistry, rules, null);
    return syntax.kind === "block" ? boundBlock(binder, syntax, expect) : boundExpression(binder, syntax, expect);
  } catch (error) {
    // The parser bounds its depth; this is for what it did not foresee.
    if (error instanceof RangeError) throw new CsharpProblem("this expression is nested too deeply", 0);
    // Constants are worked out here, and those that fail would at each run: `checked(…)`, a division by zero.
    if (error instanceof NetException) throw new CsharpProblem(`a constant of this fails: ${error.message}`, 0);
    throw error;
  }
}

function wanted(binder: Binder, expect: Expectation): CsType | null {
  if (expect === "any") return null;
  return binder.type({ bool: "Boolean", int: "Int32", string: "String" }[expect]);
}

function boundExpression(binder: Binder, syntax: Expr, expect: Expectation): BoundText {
  const target = wanted(binder, expect);
  const given = binder.value(syntax, target);
  const bound = given.type.kind === "dynamic" && target !== null ? binder.convert(given, target) : given;
  checkResult(binder, bound.type, expect, syntax.start, bound.constant);
  return { binder, shown: show(bound.type), result: () => bound.emit() };
}

function boundBlock(binder: Binder, syntax: Block, expect: Expectation): BoundText {
  const statement = binder.rules.statements(binder, syntax.statements);
  if (statement.completes) binder.fail("not every path returns a value", syntax.end - 1);
  const { values } = binder.returning;
  const type = commonType(values) ?? binder.type("Object");
  for (const value of values) checkResult(binder, value.type, expect, value.at, value.constant);
  return {
    binder,
    shown: show(type),
    result: () => {
      const run = statement.emit();
      return (frame) => {
        run(frame);
        return frame[resultSlot];
      };
    },
  };
}

/** A condition gives a bool, a number what converts to int; text takes anything, by its ToString(). */
function checkResult(binder: Binder, type: CsType, expect: Expectation, at: number, constant: unknown): void {
  if (type.kind === "void") binder.fail("this gives no value", at);
  const target = wanted(binder, expect);
  if (target === null || expect === "string" || type.kind === "dynamic") return;
  if (implicitConversion(type, target, constant) !== undefined) return;
  const isNumber = expect === "int" && explicitConversion(type, target, false)?.kind === "numeric";
  if (!isNumber) binder.fail(`a ${expect} is expected here, this gives '${show(type)}'`, at);
}
