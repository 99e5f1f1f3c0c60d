import type { Block, Expr, Lambda, Parameter } from "#notation/csharp/syntax/ast.ts";
import { commonType } from "#notation/csharp/type/conversions.ts";
import { type CsType, show, voidType } from "#notation/csharp/type/cs-type.ts";
import { Cell } from "#notation/csharp/value/cell.ts";
import { step } from "#notation/csharp/value/run.ts";
import type { Binder, BoundLambda, Returning } from "./binder.ts";
import { type Bound, type Code, contextSlot, type Frame, resultSlot, valueOf } from "./bound.ts";
import { delegateShape } from "./delegate.ts";
import { FunctionScope, type Local, Scope } from "./scope.ts";

/** A lambda whose parameters have these types. `returns` null: find out what it gives. */
export function bindLambda(
  binder: Binder,
  syntax: Lambda,
  parameters: readonly CsType[],
  returns: CsType | null,
): BoundLambda {
  let known = binder.lambdas.get(syntax);
  if (known === undefined) binder.lambdas.set(syntax, (known = new Map()));
  const inputs = parameters.map((type) => type.key).join();
  const free = known.get(`${inputs} => ?`);
  // What was found out stands when nothing has to be converted: else each level of nesting would double the work.
  if (free !== undefined && returns !== null && (free.returns.key === returns.key || returns.kind === "void"))
    return free;
  const key = `${inputs} => ${returns?.key ?? "?"}`;
  let found = known.get(key);
  if (found === undefined) {
    const declared = syntax.parameters.map((parameter, index) =>
      checkedType(binder, parameter, parameters[index] as CsType),
    );
    found = bindFunction(binder, syntax.parameters, declared, syntax.body, returns, { aliases: syntax.aliases });
    known.set(key, found);
  }
  return found;
}

function checkedType(binder: Binder, parameter: Parameter, type: CsType): CsType {
  if (parameter.type === null) return type;
  const written = binder.resolve(parameter.type);
  if (written.key !== type.key)
    binder.fail(`'${parameter.name}' must be of type '${show(type)}' here`, parameter.start);
  return written;
}

/** A lambda as a value of a delegate type. */
export function lambdaValue(binder: Binder, syntax: Lambda, type: CsType): Bound {
  const shape = delegateShape(type);
  if (shape === undefined) return binder.fail(`a lambda cannot be '${show(type)}'`, syntax.start);
  if (shape.parameters.length !== syntax.parameters.length) {
    return binder.fail(`this lambda must take ${shape.parameters.length} parameters`, syntax.start);
  }
  const bound = bindLambda(binder, syntax, shape.parameters, shape.returns);
  return valueOf(type, syntax.start, () => bound.emit());
}

/** The body of a lambda or a local function, with slots of its own. */
export function bindFunction(
  binder: Binder,
  parameters: readonly Parameter[],
  types: readonly CsType[],
  body: Expr | Block,
  returns: CsType | null,
  options: { readonly aliases?: Lambda["aliases"]; readonly isLate?: boolean } = {},
): BoundLambda {
  const owner = new FunctionScope(binder.scope.owner);
  const saved = { scope: binder.scope, returning: binder.returning, receiver: binder.receiver };
  const returning: Returning = { type: returns, values: [] };
  binder.scope = new Scope(binder.scope, owner);
  binder.returning = returning;
  try {
    const locals = parameters.map((parameter, index) =>
      binder.declare(parameter.name, types[index] as CsType, parameter.start),
    );
    const [row] = locals;
    for (const { name, path } of options.aliases ?? [])
      if (row !== undefined) binder.scope.set(name, { kind: "alias", parameter: row, path });
    const { code, type } =
      body.kind === "block" ? blockBody(binder, body, returning) : expressionBody(binder, body, returns);
    return { returns: type, emit: () => emitFunction(owner, locals, code(), options.isLate ?? false) };
  } finally {
    Object.assign(binder, saved);
  }
}

interface Body {
  readonly type: CsType;
  readonly code: () => Code;
}

function expressionBody(binder: Binder, body: Expr, returns: CsType | null): Body {
  if (body.kind === "throw") {
    const bound = binder.rules.settle(binder, binder.operand(body), returns ?? voidType);
    return { type: returns ?? voidType, code: () => bound.emit() };
  }
  const bound = binder.value(body, returns?.kind === "void" ? null : returns);
  if (returns === null || returns.kind === "void") return { type: bound.type, code: () => bound.emit() };
  const converted = binder.convert(bound, returns);
  return { type: returns, code: () => converted.emit() };
}

function blockBody(binder: Binder, body: Block, returning: Returning): Body {
  const statement = binder.rules.statements(binder, body.statements);
  const hasValue = returning.values.length > 0;
  const wanted = returning.type;
  if (statement.completes && ((wanted === null && hasValue) || (wanted !== null && wanted.kind !== "void"))) {
    binder.fail("not every path gives a value", body.end - 1);
  }
  const type =
    wanted ??
    (hasValue
      ? (commonType(returning.values) ?? binder.fail("what this returns has no type in common", body.start))
      : voidType);
  return {
    type,
    code: () => {
      const run = statement.emit();
      return (frame) => {
        run(frame);
        return frame[resultSlot];
      };
    },
  };
}

/**
 * A delegate with a frame of its own for each call. A lambda holds the variables that it shares as they are when it is
 * made, each turn of a loop its own; a local function can be called before they are declared, so it looks them up then.
 */
function emitFunction(owner: FunctionScope, parameters: readonly Local[], body: Code, isLate: boolean): Code {
  const captures = [...owner.captures].map(
    ([local, slot]) => [owner.outer?.slotOf(local) ?? local.slot, slot] as const,
  );
  const begin = emitBegin(owner.size, parameters);
  if (captures.length === 0)
    return (outer) =>
      (...args: unknown[]) =>
        body(begin(outer, args));
  if (isLate) {
    return (outer) =>
      (...args: unknown[]) => {
        const frame = begin(outer, args);
        for (const [from, to] of captures) frame[to] = outer[from];
        return body(frame);
      };
  }
  return (outer) => {
    const cells = captures.map(([from]) => outer[from]);
    return (...args: unknown[]) => {
      const frame = begin(outer, args);
      for (let index = 0; index < cells.length; index++)
        frame[(captures[index] as readonly [number, number])[1]] = cells[index];
      return body(frame);
    };
  };
}

/** Makes the frame of a call: the context, and the arguments in their slots. */
function emitBegin(size: number, parameters: readonly Local[]): (outer: Frame, args: readonly unknown[]) => Frame {
  const slots = parameters.map((parameter) => parameter.slot);
  const shared = parameters.filter((parameter) => parameter.isShared).map((parameter) => parameter.slot);
  const empty: Frame = Array.from({ length: size });
  return (outer, args) => {
    step();
    const frame = empty.slice();
    frame[contextSlot] = outer[contextSlot];
    for (let index = 0; index < slots.length; index++) frame[slots[index] as number] = args[index];
    for (const slot of shared) frame[slot] = new Cell(frame[slot]);
    return frame;
  };
}
