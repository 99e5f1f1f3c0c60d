import type { CatchClause, Expr, LocalDeclaration, Statement } from "#notation/csharp/syntax/ast.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { isInstance } from "#notation/csharp/type/runtime-type.ts";
import { isSubtype } from "#notation/csharp/type/subtype.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { Binder, BoundStatement, Exec, Signal } from "./binder.ts";
import { condition } from "./bind-binary.ts";
import { type Bound, type Frame, resultSlot } from "./bound.ts";
import { emitInitialize } from "./locals.ts";

type Try = Extract<Statement, { kind: "try" }>;

interface Handler {
  readonly type: CsType;
  readonly matches: (frame: Frame, exception: NetException) => boolean;
  readonly run: Exec;
}

/** `try`, `catch`, `finally`. Only .NET's exceptions are caught: bounds and faults of the gateway are not. */
export function bindTry(binder: Binder, syntax: Try): BoundStatement {
  const body = binder.rules.statement(binder, syntax.body);
  const clauses = syntax.catches.map((clause) => catchClause(binder, clause));
  const last = syntax.last === null ? null : binder.rules.statement(binder, syntax.last);
  const completes = (body.completes || clauses.some((clause) => clause.completes)) && (last === null || last.completes);
  return {
    completes,
    emit: () => {
      const guarded = emitCatch(
        body.emit(),
        clauses.map((clause) => clause.emit()),
      );
      return last === null ? guarded : emitFinally(guarded, last.emit());
    },
  };
}

function emitCatch(run: Exec, handlers: readonly Handler[]): Exec {
  if (handlers.length === 0) return run;
  return (frame) => {
    try {
      return run(frame);
    } catch (error) {
      if (!(error instanceof NetException)) throw error;
      const handler = handlers.find(({ type, matches }) => isInstance(error, type) && matches(frame, error));
      if (handler === undefined) throw error;
      return handler.run(frame);
    }
  };
}

function emitFinally(run: Exec, last: Exec): Exec {
  return (frame) => {
    let signal: Signal;
    try {
      signal = run(frame);
    } catch (error) {
      // A fault that is no exception of the expression's ends it at once.
      if (error instanceof NetException) last(frame);
      throw error;
    }
    const result = frame[resultSlot];
    last(frame);
    frame[resultSlot] = result;
    return signal;
  };
}

interface BoundCatch {
  readonly completes: boolean;
  emit(): Handler;
}

function catchClause(binder: Binder, clause: CatchClause): BoundCatch {
  return binder.inner(() => {
    const exception = binder.type("Exception");
    const type = clause.type === null ? exception : binder.resolve(clause.type);
    if (!isSubtype(type, exception)) binder.fail(`'${show(type)}' is no exception`, clause.start);
    const local = binder.declare(clause.name ?? caughtName, type, clause.start);
    if (clause.name !== null) binder.scope.set(caughtName, local);
    const when = clause.when === null ? null : condition(binder, binder.value(clause.when));
    const body = binder.rules.statement(binder, clause.body);
    return {
      completes: body.completes,
      emit: () => {
        const set = emitInitialize(local);
        const filter = when?.emit();
        return {
          type,
          run: body.emit(),
          matches: (frame, error) => {
            set(frame, error);
            return filter === undefined || filter(frame) === true;
          },
        };
      },
    };
  });
}

/** Under this name a catch block finds what it has caught, for `throw;`. */
const caughtName = "<caught>";

export function rethrow(binder: Binder, at: number): BoundStatement {
  if (binder.scope.find(caughtName) === undefined) binder.fail("'throw;' stands in a 'catch' only", at);
  const caught = binder.value({ kind: "name", name: caughtName, args: [], start: at, end: at });
  return {
    completes: false,
    emit: () => {
      const code = caught.emit();
      return (frame) => {
        throw code(frame);
      };
    },
  };
}

/** `using`: nothing here holds what would have to be given back, so disposing is a formality. */
export function bindUsing(binder: Binder, syntax: Extract<Statement, { kind: "using" }>): BoundStatement {
  return binder.inner(() => {
    const { resource } = syntax;
    const first =
      resource.kind === "local" ? binder.rules.statement(binder, asPlain(resource)) : expressionOnly(binder, resource);
    const body = binder.rules.statement(binder, syntax.body);
    return {
      completes: body.completes,
      emit: () => {
        const begin = first.emit();
        const run = body.emit();
        return (frame) => begin(frame) || run(frame);
      },
    };
  });
}

function asPlain(resource: LocalDeclaration): Statement {
  return { ...resource, isUsing: false };
}

function expressionOnly(binder: Binder, resource: Expr): BoundStatement {
  const bound: Bound = binder.value(resource);
  return {
    completes: true,
    emit: () => {
      const code = bound.emit();
      return (frame) => {
        code(frame);
        return 0;
      };
    },
  };
}
