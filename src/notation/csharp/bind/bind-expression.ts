import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { type CsType, isValueType, nullable, nullType, show } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import { NetException, nullReference } from "#notation/csharp/value/net-exception.ts";
import { NetType } from "#notation/csharp/value/net-type.ts";
import { bindAssign } from "./bind-assign.ts";
import { bindBinary } from "./bind-binary.ts";
import { bindConditional, bindSwitch } from "./bind-choice.ts";
import { bindInterpolated } from "./bind-interpolated.ts";
import { lambdaValue } from "./bind-lambda.ts";
import { bindLiteral } from "./bind-literal.ts";
import { bindName } from "./bind-name.ts";
import { arrayItems, bindAnonymous, bindArray, bindNew, bindTuple } from "./bind-new.ts";
import { bindAs, bindCast, bindIs } from "./bind-type-test.ts";
import { bindUnary } from "./bind-unary.ts";
import type { Binder } from "./binder.ts";
import { type Bound, constantOf, type Operand, type Untyped, valueOf } from "./bound.ts";

/** What an expression is, as far as that can be said without knowing where it stands. */
export function bindOperand(binder: Binder, syntax: Expr): Operand {
  const { start } = syntax;
  switch (syntax.kind) {
    case "name":
      return bindName(
        binder,
        syntax.name,
        syntax.args.map((arg) => binder.resolve(arg)),
        start,
      );
    case "predefined":
      return { kind: "type", type: binder.resolve(syntax.type), at: start };
    case "member":
      return memberOf(binder, syntax, false);
    case "lambda":
      return untyped("lambda", syntax);
    case "throw":
      return untyped("throw", syntax);
    case "default":
      return syntax.type === null
        ? untyped("default", syntax)
        : defaultValue(binder, binder.resolve(syntax.type), start);
    case "new":
      return syntax.type === null ? untyped("new", syntax) : bindNew(binder, syntax, null);
    case "array-items":
      return untyped("array-items", syntax);
    case "conditional":
    case "switch":
    case "tuple":
      return typedIfPossible(binder, syntax);
    case "binary":
      return syntax.op === "??" ? typedIfPossible(binder, syntax) : bindBinary(binder, syntax, null);
    default:
      return bindValue(binder, syntax);
  }
}

function untyped(what: Untyped["what"], syntax: Expr): Untyped {
  return { kind: "untyped", what, syntax, at: syntax.start };
}

/** Choices between values without a type of their own get it from where they stand. */
function typedIfPossible(binder: Binder, syntax: Expr): Operand {
  const { scope } = binder;
  try {
    return choice(binder, syntax, null);
  } catch (error) {
    if (!(error instanceof CsharpProblem)) throw error;
    binder.scope = scope;
    return untyped("choice", syntax);
  }
}

function choice(binder: Binder, syntax: Expr, expected: CsType | null): Bound {
  switch (syntax.kind) {
    case "conditional":
      return bindConditional(binder, syntax, expected);
    case "switch":
      return bindSwitch(binder, syntax, expected);
    case "tuple":
      return bindTuple(binder, syntax, expected);
    case "binary":
      return bindBinary(binder, syntax, expected);
    default:
      return binder.fail("this has no type here", syntax.start);
  }
}

function memberOf(binder: Binder, syntax: Extract<Expr, { kind: "member" }>, isCalled: boolean): Operand {
  const target = binder.operand(syntax.target);
  const typeArgs = syntax.args.map((arg) => binder.resolve(arg));
  return binder.rules.member(binder, target, syntax.name, typeArgs, syntax.nameAt, isCalled);
}

function bindValue(binder: Binder, syntax: Expr): Bound {
  const { start } = syntax;
  switch (syntax.kind) {
    case "literal":
      return bindLiteral(binder, syntax);
    case "interpolated":
      return bindInterpolated(binder, syntax);
    case "receiver":
      return binder.receiver ?? binder.fail("there is nothing before this '?.'", start);
    case "call":
      return bindCallOrNameof(binder, syntax);
    case "index":
      return binder.rules.index(binder, binder.value(syntax.target), syntax.args, start);
    case "conditional-access":
      return conditionalAccess(binder, syntax);
    case "unary":
    case "postfix":
      return bindUnary(binder, syntax);
    case "assign":
      return bindAssign(binder, syntax);
    case "cast":
      return bindCast(binder, syntax);
    case "as":
      return bindAs(binder, syntax);
    case "is":
      return bindIs(binder, syntax);
    case "anonymous":
      return bindAnonymous(binder, syntax);
    case "new-array":
      return bindArray(binder, syntax);
    case "typeof": {
      const type = binder.resolve(syntax.type);
      return constantOf(binder.type("Type"), start, new NetType(type, show(type)));
    }
    case "checked":
      return inChecked(binder, syntax.isChecked, () => binder.value(syntax.value));
    default:
      return binder.fail("this cannot stand here", start);
  }
}

export function inChecked<T>(binder: Binder, isChecked: boolean, run: () => T): T {
  const before = binder.isChecked;
  binder.isChecked = isChecked;
  try {
    return run();
  } finally {
    binder.isChecked = before;
  }
}

function defaultValue(binder: Binder, type: CsType, at: number): Bound {
  if (!isValueType(type) || type.kind === "nullable") return { ...constantOf(type, at, null) };
  return valueOf(type, at, () => () => defaultOf(type));
}

function bindCallOrNameof(binder: Binder, syntax: Extract<Expr, { kind: "call" }>): Bound {
  const { target, args, start } = syntax;
  if (target.kind === "name" && target.name === "nameof" && binder.scope.find("nameof") === undefined) {
    const [only] = args;
    const named = only?.value;
    if (named?.kind !== "name" && named?.kind !== "member") return binder.fail("'nameof' takes a name", start);
    return constantOf(binder.type("String"), start, named.name);
  }
  const called = target.kind === "member" ? memberOf(binder, target, true) : binder.operand(target);
  return binder.rules.invoke(binder, called, args, start);
}

/** `target?.rest`: null, or what the rest gives. */
function conditionalAccess(binder: Binder, syntax: Extract<Expr, { kind: "conditional-access" }>): Bound {
  const target = binder.value(syntax.target);
  if (isValueType(target.type) && target.type.kind !== "nullable") {
    binder.fail(`'?.' goes with what can be null, '${show(target.type)}' cannot`, syntax.start);
  }
  const slot = binder.scope.owner.newSlot();
  const inner = target.type.kind === "nullable" ? target.type.of : target.type;
  const before = binder.receiver;
  binder.receiver = valueOf(inner, target.at, () => (frame) => frame[slot]);
  const rest = binder.value(syntax.rest);
  binder.receiver = before;
  const type = rest.type.kind === "void" ? rest.type : nullable(rest.type);
  return valueOf(type, syntax.start, () => {
    const code = target.emit();
    const after = rest.emit();
    return (frame) => {
      const value = code(frame);
      if (value === null || value === undefined) return null;
      frame[slot] = value;
      return after(frame);
    };
  });
}

/** The value of an operand, with the type that its place wants where it has none of its own. */
export function settle(binder: Binder, operand: Operand, expected: CsType | null): Bound {
  switch (operand.kind) {
    case "value":
      return operand;
    case "type":
      return binder.fail(`'${show(operand.type)}' is a type: a value is expected here`, operand.at);
    case "namespace":
      return binder.fail(`'${operand.name}' is a namespace: a value is expected here`, operand.at);
    case "group":
      return settleGroup(binder, operand, expected);
    case "untyped":
      return settleUntyped(binder, operand, expected);
  }
}

function settleUntyped(binder: Binder, { what, syntax, at }: Untyped, expected: CsType | null): Bound {
  if (syntax.kind === "throw") return throwing(binder, syntax.value, expected ?? nullType, at);
  if (what === "choice") return choice(binder, syntax, expected);
  if (expected === null) return binder.fail(`the type of this cannot be seen here`, at);
  if (syntax.kind === "lambda") return lambdaValue(binder, syntax, expected);
  if (syntax.kind === "default") return defaultValue(binder, expected, at);
  if (syntax.kind === "new") return bindNew(binder, syntax, expected);
  if (syntax.kind === "array-items" && expected.kind === "array") {
    return arrayItems(binder, syntax, expected.element, expected.rank);
  }
  return binder.fail("this cannot stand here", at);
}

function settleGroup(binder: Binder, group: Extract<Operand, { kind: "group" }>, expected: CsType | null): Bound {
  const found = expected === null ? undefined : binder.rules.groupValue(group, expected);
  return found ?? binder.fail(`'${group.name}' is a method: call it with '()'`, group.at);
}

function throwing(binder: Binder, value: Expr, type: CsType, at: number): Bound {
  const exception = binder.converted(value, binder.type("Exception"));
  return valueOf(type, at, () => {
    const code = exception.emit();
    return (frame) => {
      const thrown = code(frame);
      throw thrown instanceof NetException ? thrown : nullReference();
    };
  });
}
