import type {
  Argument as ArgumentSyntax,
  Expr,
  Lambda,
  Pattern,
  Statement,
  TypeSyntax,
} from "#notation/csharp/syntax/ast.ts";
import { CsharpProblem } from "#notation/csharp/syntax/problem.ts";
import { type Conversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import type { TypeRegistry } from "#notation/csharp/type/registry.ts";
import type { TypeDef } from "#notation/csharp/type/type-def.ts";
import type { Bound, Code, Frame, LateMember, MethodGroup, Operand } from "./bound.ts";
import { FunctionScope, type Local, Scope } from "./scope.ts";

export type Signal = 0 | 1 | 2 | 3;
export type Exec = (frame: Frame) => Signal;

/** A statement. `completes`: its end can be reached. */
export interface BoundStatement {
  readonly completes: boolean;
  emit(): Exec;
}

/** What a function gives: its declared type, or the types of its `return`s so far. */
export interface Returning {
  readonly type: CsType | null;
  readonly values: Bound[];
}

/** The rules that call each other in circles, so that each can stand in a file of its own. */
export interface BindRules {
  operand(binder: Binder, syntax: Expr): Operand;
  /** The value of an operand, with the type that is wanted where it has none of its own. */
  settle(binder: Binder, operand: Operand, expected: CsType | null): Bound;
  statement(binder: Binder, syntax: Statement): BoundStatement;
  statements(binder: Binder, syntax: readonly Statement[]): BoundStatement;
  pattern(binder: Binder, syntax: Pattern, input: CsType): BoundPattern;
  lambda(binder: Binder, syntax: Lambda, parameters: readonly CsType[], returns: CsType | null): BoundLambda;
  invoke(binder: Binder, target: Operand, args: readonly ArgumentSyntax[], at: number): Bound;
  construct(binder: Binder, type: CsType, args: readonly ArgumentSyntax[], at: number): Bound;
  member(
    binder: Binder,
    target: Operand,
    name: string,
    typeArgs: readonly CsType[],
    at: number,
    isCalled?: boolean,
  ): Operand;
  dynamicMember(binder: Binder, target: Bound, name: string, typeArgs: readonly CsType[], at: number): Bound;
  dynamicCall(binder: Binder, member: LateMember, args: readonly Bound[], at: number): Bound;
  dynamicBinary(binder: Binder, op: string, left: Bound, right: Bound, at: number): Bound;
  groupValue(group: MethodGroup, type: CsType): Bound | undefined;
  index(binder: Binder, target: Bound, args: readonly ArgumentSyntax[], at: number): Bound;
}

export interface BoundPattern {
  /** A test of the value, which sets the pattern's variables. */
  emit(): (frame: Frame, value: unknown) => boolean;
}

export interface BoundLambda {
  /** What the body gives; null: nothing can be said, because it only throws. */
  readonly returns: CsType;
  emit(): Code;
}

/** Most nodes that are bound for one expression: lambdas may be bound once for each overload. */
const maxWork = 100_000;

/** Where binding stands: the names in scope, and what has been found out about the expression. */
export class Binder {
  readonly types: TypeRegistry;
  readonly rules: BindRules;
  scope: Scope;
  returning: Returning;
  isChecked = false;
  /** What the innermost `?.` has found. */
  receiver: Bound | null = null;
  readonly reads: { request: boolean; response: boolean; responseBody: boolean } = {
    request: false,
    response: false,
    responseBody: false,
  };
  readonly lambdas: WeakMap<Lambda, Map<string, BoundLambda>> = new WeakMap();
  #work = 0;

  constructor(types: TypeRegistry, rules: BindRules, returns: CsType | null) {
    this.types = types;
    this.rules = rules;
    this.scope = new Scope(null, new FunctionScope(null));
    this.returning = { type: returns, values: [] };
  }

  fail(message: string, at: number): never {
    throw new CsharpProblem(message, at);
  }

  count(at: number): void {
    if (++this.#work > maxWork) this.fail("this expression is too involved", at);
  }

  def(id: string): TypeDef {
    return this.types.get(id);
  }

  type(id: string): CsType {
    return this.types.get(id).self;
  }

  resolve(syntax: TypeSyntax): CsType {
    return this.types.resolve(syntax);
  }

  operand(syntax: Expr): Operand {
    this.count(syntax.start);
    return this.rules.operand(this, syntax);
  }

  /** The expression as a value. @param expected the type that its place wants, for what has none of its own */
  value(syntax: Expr, expected: CsType | null = null): Bound {
    return this.rules.settle(this, this.operand(syntax), expected);
  }

  /** The expression, converted to the type. */
  converted(syntax: Expr, type: CsType): Bound {
    return this.convert(this.value(syntax, type), type);
  }

  convert(bound: Bound, type: CsType): Bound {
    const conversion = implicitConversion(bound.type, type, bound.constant);
    if (conversion === undefined) {
      this.fail(`'${show(bound.type)}' does not convert to '${show(type)}' here`, bound.at);
    }
    return applyConversion(bound, type, conversion);
  }

  /** Runs with the names of an inner block. */
  inner<T>(run: () => T): T {
    const { scope } = this;
    this.scope = new Scope(scope, scope.owner);
    try {
      return run();
    } finally {
      this.scope = scope;
    }
  }

  declare(name: string, type: CsType, at: number, options: { isReadonly?: boolean; constant?: unknown } = {}): Local {
    if (this.scope.has(name)) this.fail(`'${name}' is already declared here`, at);
    const { owner } = this.scope;
    const { isReadonly = false } = options;
    const local: Local = { kind: "local", name, type, slot: owner.newSlot(), owner, isShared: false, isReadonly };
    this.scope.set(name, "constant" in options ? { ...local, constant: options.constant } : local);
    return local;
  }
}

export function applyConversion(bound: Bound, type: CsType, { convert, kind }: Conversion): Bound {
  if (convert === null)
    return { kind: "value", type, at: bound.at, constant: bound.constant, emit: () => bound.emit() };
  // What a type has defined may throw, or make an object that can be changed: it runs with the expression.
  if (bound.constant !== undefined && kind !== "user") {
    const constant = convert(bound.constant);
    return { kind: "value", type, at: bound.at, constant, emit: () => () => constant };
  }
  return {
    kind: "value",
    type,
    at: bound.at,
    emit: () => {
      const code = bound.emit();
      return (frame) => convert(code(frame));
    },
  };
}
