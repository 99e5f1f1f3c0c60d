import type { Block, Expr, LocalDeclaration, Statement } from "#notation/csharp/syntax/ast.ts";
import { type CsType, show, voidType } from "#notation/csharp/type/cs-type.ts";
import { defaultOf } from "#notation/csharp/type/runtime-type.ts";
import { NetException, nullReference } from "#notation/csharp/value/net-exception.ts";
import type { Binder, BoundStatement, Exec } from "./binder.ts";
import { condition } from "./bind-binary.ts";
import { inChecked } from "./bind-expression.ts";
import { bindFunction } from "./bind-lambda.ts";
import { bindLoop } from "./bind-loop.ts";
import { bindSwitchStatement } from "./bind-switch.ts";
import { bindTry, bindUsing, rethrow } from "./bind-try.ts";
import { type Bound, type Frame, resultSlot } from "./bound.ts";
import { emitInitialize } from "./locals.ts";
import type { Local } from "./scope.ts";

export function bindStatement(binder: Binder, syntax: Statement): BoundStatement {
  binder.count(syntax.start);
  switch (syntax.kind) {
    case "block":
      return block(binder, syntax);
    case "local":
      return localDeclaration(binder, syntax);
    case "function":
      return { completes: true, emit: () => () => 0 };
    case "expression":
      return expression(binder, syntax.value);
    case "if":
      return ifStatement(binder, syntax);
    case "for":
    case "foreach":
    case "while":
    case "do":
      return bindLoop(binder, syntax);
    case "switch":
      return bindSwitchStatement(binder, syntax);
    case "try":
      return bindTry(binder, syntax);
    case "using":
      return bindUsing(binder, syntax);
    case "throw":
      return throwStatement(binder, syntax.value, syntax.start);
    case "return":
      return returnStatement(binder, syntax.value, syntax.start);
    case "break":
      return { completes: false, emit: () => () => 1 };
    case "continue":
      return { completes: false, emit: () => () => 2 };
    case "empty":
      return { completes: true, emit: () => () => 0 };
  }
}

function block(binder: Binder, syntax: Block): BoundStatement {
  const bind = (): BoundStatement => binder.inner(() => bindStatements(binder, syntax.statements));
  return syntax.isChecked === null ? bind() : inChecked(binder, syntax.isChecked, bind);
}

/** Statements of one block, whose names are those of the current scope. */
export function bindStatements(binder: Binder, statements: readonly Statement[]): BoundStatement {
  const functions = declareFunctions(binder, statements);
  const bound: BoundStatement[] = [];
  const begun: (() => Exec)[] = [];
  for (const [index, statement] of statements.entries()) {
    if (statement.kind === "local" && statement.isUsing) {
      bound.push(
        bindUsing(binder, {
          kind: "using",
          resource: statement,
          body: rest(statements, index),
          start: statement.start,
          end: statement.end,
        }),
      );
      break;
    }
    const local = statement.kind === "function" ? functions.get(statement) : undefined;
    if (local === undefined) bound.push(bindStatement(binder, statement));
    else begun.push(localFunction(binder, statement as FunctionSyntax, local));
  }
  // What stands behind a return or an endless loop is never run.
  const end = bound.findIndex((statement) => !statement.completes);
  const reached = end === -1 ? bound : bound.slice(0, end + 1);
  return {
    completes: end === -1,
    emit: () => emitSequence([...begun.map((each) => each()), ...reached.map((each) => each.emit())]),
  };
}

function rest(statements: readonly Statement[], index: number): Block {
  const behind = statements.slice(index + 1);
  const at = behind[0]?.start ?? statements[index]?.end ?? 0;
  return { kind: "block", statements: behind, isChecked: null, start: at, end: behind.at(-1)?.end ?? at };
}

function emitSequence(codes: readonly Exec[]): Exec {
  const [first, second] = codes;
  if (first === undefined) return () => 0;
  if (second === undefined) return first;
  if (codes.length === 2) return (frame) => first(frame) || second(frame);
  return (frame) => {
    for (const code of codes) {
      const signal = code(frame);
      if (signal !== 0) return signal;
    }
    return 0;
  };
}

type FunctionSyntax = Extract<Statement, { kind: "function" }>;

/** Local functions can be called before the place where they stand. */
function declareFunctions(binder: Binder, statements: readonly Statement[]): ReadonlyMap<Statement, Local> {
  const found = new Map<Statement, Local>();
  for (const syntax of statements) {
    if (syntax.kind !== "function") continue;
    const { parameters, returns } = signature(binder, syntax);
    const local = binder.declare(syntax.name, delegateType(binder, parameters, returns, syntax.start), syntax.start);
    // Always in a cell: it is there before it is set, and calls itself.
    local.isShared = true;
    local.parameters = syntax.parameters;
    found.set(syntax, local);
  }
  return found;
}

function signature(
  binder: Binder,
  syntax: FunctionSyntax,
): { readonly parameters: readonly CsType[]; readonly returns: CsType } {
  const parameters = syntax.parameters.map((parameter) =>
    parameter.type === null
      ? binder.fail("a parameter's type is expected here", parameter.start)
      : binder.resolve(parameter.type),
  );
  return { parameters, returns: syntax.returns === null ? voidType : binder.resolve(syntax.returns) };
}

/** Its body sees the names that are declared before it. It is made when the block begins. */
function localFunction(binder: Binder, syntax: FunctionSyntax, local: Local): () => Exec {
  const { parameters, returns } = signature(binder, syntax);
  const bound = bindFunction(binder, syntax.parameters, parameters, syntax.body, returns, { isLate: true });
  return () => functionCode(local, bound.emit());
}

function functionCode(local: Local, code: (frame: Frame) => unknown): Exec {
  const set = emitInitialize(local);
  return (frame) => {
    set(frame, null);
    (frame[local.slot] as { value: unknown }).value = code(frame);
    return 0;
  };
}

function delegateType(binder: Binder, types: readonly CsType[], returns: CsType, at: number): CsType {
  const name = returns.kind === "void" ? "Action" : "Func";
  const args = returns.kind === "void" ? types : [...types, returns];
  const def = binder.types.find(name, args.length);
  return def === undefined
    ? binder.fail("this function has too many parameters", at)
    : binder.types.named(def.id, args);
}

function localDeclaration(binder: Binder, syntax: LocalDeclaration): BoundStatement {
  const parts = syntax.declarators.map((declarator) => declare(binder, syntax, declarator));
  return { completes: true, emit: () => emitSequence(parts.map((part) => part())) };
}

/** One variable with its value. */
export function declare(
  binder: Binder,
  syntax: LocalDeclaration,
  { name, value, start }: LocalDeclaration["declarators"][number],
): () => Exec {
  const declared = syntax.type === null ? null : binder.resolve(syntax.type);
  if (value === null) {
    if (declared === null) return binder.fail("'var' needs a value", start);
    const local = binder.declare(name, declared, start);
    return () => emitDeclare(local, () => defaultOf(declared));
  }
  const bound = declared === null ? inferred(binder, value) : binder.converted(value, declared);
  if (syntax.isConst) {
    if (bound.constant === undefined) binder.fail("a constant needs a constant value", start);
    binder.declare(name, bound.type, start, { constant: bound.constant });
    return () => () => 0;
  }
  const local = binder.declare(name, bound.type, start);
  return () => emitDeclare(local, bound.emit());
}

function inferred(binder: Binder, value: Expr): Bound {
  const bound = binder.value(value);
  if (bound.type.kind === "null" || bound.type.kind === "void")
    binder.fail(`'var' cannot be ${show(bound.type)}`, value.start);
  return bound;
}

function emitDeclare(local: Local, code: (frame: Frame) => unknown): Exec {
  const set = emitInitialize(local);
  return (frame) => {
    set(frame, code(frame));
    return 0;
  };
}

function expression(binder: Binder, value: Expr): BoundStatement {
  const bound = binder.rules.settle(binder, binder.operand(value), voidType);
  return {
    completes: value.kind !== "throw",
    emit: () => {
      const code = bound.emit();
      return (frame) => {
        code(frame);
        return 0;
      };
    },
  };
}

function ifStatement(binder: Binder, syntax: Extract<Statement, { kind: "if" }>): BoundStatement {
  const test = condition(binder, binder.value(syntax.test, binder.type("Boolean")));
  const yes = binder.inner(() => bindStatement(binder, syntax.yes));
  const { no: other } = syntax;
  const no = other === null ? null : binder.inner(() => bindStatement(binder, other));
  const isAlways = test.constant === true;
  return {
    completes: isAlways ? yes.completes : yes.completes || no === null || no.completes,
    emit: () => {
      const tested = test.emit();
      const first = yes.emit();
      const second = no?.emit();
      if (second === undefined) return (frame) => (tested(frame) === true ? first(frame) : 0);
      return (frame) => (tested(frame) === true ? first(frame) : second(frame));
    },
  };
}

function throwStatement(binder: Binder, value: Expr | null, at: number): BoundStatement {
  if (value === null) return rethrow(binder, at);
  const bound = binder.converted(value, binder.type("Exception"));
  return {
    completes: false,
    emit: () => {
      const code = bound.emit();
      return (frame) => {
        const thrown = code(frame);
        throw thrown instanceof NetException ? thrown : nullReference();
      };
    },
  };
}

function returnStatement(binder: Binder, value: Expr | null, at: number): BoundStatement {
  const { returning } = binder;
  if (value === null) {
    if (returning.type !== null && returning.type.kind !== "void") binder.fail("a value is expected here", at);
    return { completes: false, emit: () => () => 3 };
  }
  if (returning.type?.kind === "void") return binder.fail("this function gives no value", at);
  const bound = returning.type === null ? binder.value(value) : binder.converted(value, returning.type);
  if (bound.type.kind === "void") binder.fail("this gives nothing to return", value.start);
  returning.values.push(bound);
  return {
    completes: false,
    emit: () => {
      const code = bound.emit();
      return (frame) => {
        frame[resultSlot] = code(frame);
        return 3;
      };
    },
  };
}
