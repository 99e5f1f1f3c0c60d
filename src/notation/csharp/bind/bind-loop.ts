import type { Statement } from "#notation/csharp/syntax/ast.ts";
import { explicitConversion, implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import { instanceOf } from "#notation/csharp/type/subtype.ts";
import { JObject } from "#notation/csharp/json/token.ts";
import { nullReference } from "#notation/csharp/value/net-exception.ts";
import { iterate } from "#notation/csharp/value/iterate.ts";
import { step } from "#notation/csharp/value/run.ts";
import type { Binder, BoundStatement, Exec } from "./binder.ts";
import { condition } from "./bind-binary.ts";
import { type Bound, type Code, type Frame, valueOf } from "./bound.ts";
import { emitInitialize } from "./locals.ts";
import { pairOf } from "./pair.ts";

type Loop = Extract<Statement, { kind: "for" | "foreach" | "while" | "do" }>;

export function bindLoop(binder: Binder, syntax: Loop): BoundStatement {
  return binder.inner(() => {
    switch (syntax.kind) {
      case "for":
        return forLoop(binder, syntax);
      case "foreach":
        return foreachLoop(binder, syntax);
      case "while":
        return whileLoop(binder, syntax);
      case "do":
        return doLoop(binder, syntax);
    }
  });
}

function body(binder: Binder, syntax: Statement): BoundStatement {
  return binder.inner(() => binder.rules.statement(binder, syntax));
}

/** Can the end of an endless loop be reached, because its body breaks out? Labels of inner loops are their own. */
export function breaks(statement: Statement): boolean {
  switch (statement.kind) {
    case "break":
      return true;
    case "block":
      return statement.statements.some(breaks);
    case "if":
      return breaks(statement.yes) || (statement.no !== null && breaks(statement.no));
    case "try":
      return (
        breaks(statement.body) ||
        statement.catches.some((clause) => breaks(clause.body)) ||
        (statement.last !== null && breaks(statement.last))
      );
    case "using":
      return breaks(statement.body);
    default:
      return false;
  }
}

function whileLoop(binder: Binder, syntax: Extract<Loop, { kind: "while" | "do" }>): BoundStatement {
  const test = condition(binder, binder.value(syntax.test, binder.type("Boolean")));
  const inner = body(binder, syntax.body);
  return {
    completes: test.constant !== true || breaks(syntax.body),
    emit: () => {
      const tested = test.emit();
      const run = inner.emit();
      return (frame) => {
        while (tested(frame) === true) {
          step();
          const signal = run(frame);
          if (signal === 1) break;
          if (signal === 3) return 3;
        }
        return 0;
      };
    },
  };
}

function doLoop(binder: Binder, syntax: Extract<Loop, { kind: "while" | "do" }>): BoundStatement {
  const inner = body(binder, syntax.body);
  const test = condition(binder, binder.value(syntax.test, binder.type("Boolean")));
  return {
    completes: (test.constant !== true && inner.completes) || breaks(syntax.body),
    emit: () => {
      const tested = test.emit();
      const run = inner.emit();
      return (frame) => {
        do {
          step();
          const signal = run(frame);
          if (signal === 1) break;
          if (signal === 3) return 3;
        } while (tested(frame) === true);
        return 0;
      };
    },
  };
}

function forLoop(binder: Binder, syntax: Extract<Loop, { kind: "for" }>): BoundStatement {
  const initial = syntax.initial.map((statement) => binder.rules.statement(binder, statement));
  const test = syntax.test === null ? null : condition(binder, binder.value(syntax.test, binder.type("Boolean")));
  const steps = syntax.steps.map((value) => binder.value(value));
  const inner = body(binder, syntax.body);
  return {
    completes: (test !== null && test.constant !== true) || breaks(syntax.body),
    emit: () =>
      emitFor(
        initial.map((each) => each.emit()),
        test?.emit() ?? (() => true),
        steps.map((each) => each.emit()),
        inner.emit(),
      ),
  };
}

function emitFor(initial: readonly Exec[], tested: Code, steps: readonly Code[], run: Exec): Exec {
  return (frame) => {
    for (const begin of initial) begin(frame);
    while (tested(frame) === true) {
      step();
      const signal = run(frame);
      if (signal === 1) break;
      if (signal === 3) return 3;
      for (const next of steps) next(frame);
    }
    return 0;
  };
}

function foreachLoop(binder: Binder, syntax: Extract<Loop, { kind: "foreach" }>): BoundStatement {
  const items = binder.value(syntax.items);
  const element = elementType(binder, items.type);
  if (element === undefined)
    return binder.fail(`'${show(items.type)}' cannot be gone through with 'foreach'`, syntax.items.start);
  const set = loopVariable(binder, syntax, element);
  const inner = body(binder, syntax.body);
  return { completes: true, emit: () => emitForeach(items, pairsOf(binder, items.type), set(), inner.emit()) };
}

/** A JObject is gone through by its members where its type is known, and by its properties as a JToken. */
function pairsOf(binder: Binder, type: CsType): readonly CsType[] | null {
  if (type.kind !== "named" || (type.def.id !== "JObject" && type.def.id !== "IDictionary`2")) return null;
  return [binder.type("String"), binder.type("JToken")];
}

function emitForeach(
  items: Bound,
  pairs: readonly CsType[] | null,
  set: (frame: Frame, value: unknown) => void,
  run: Exec,
): Exec {
  const code = items.emit();
  return (frame) => {
    const sequence = code(frame);
    if (sequence === null || sequence === undefined) throw nullReference();
    const all = pairs !== null && sequence instanceof JObject ? sequence.pairs(pairs) : iterate(sequence);
    for (const item of all) {
      step();
      set(frame, item);
      const signal = run(frame);
      if (signal === 1) break;
      if (signal === 3) return 3;
    }
    return 0;
  };
}

/** What the items of a sequence are. */
export function elementType(binder: Binder, type: CsType): CsType | undefined {
  if (type.kind === "array") return type.element;
  if (type.kind === "dynamic") return type;
  if (type.kind === "named" && type.def.id === "JObject") {
    return binder.types.named("KeyValuePair`2", [binder.type("String"), binder.type("JToken")]);
  }
  const found = instanceOf(type, binder.def("IEnumerable`1"));
  if (found !== undefined) return found.args[0];
  return instanceOf(type, binder.def("IEnumerable")) === undefined ? undefined : binder.type("Object");
}

function loopVariable(
  binder: Binder,
  syntax: Extract<Loop, { kind: "foreach" }>,
  element: CsType,
): () => (frame: Frame, value: unknown) => void {
  const [name = null] = syntax.names;
  if (!syntax.isTuple) {
    const type = syntax.type === null ? element : binder.resolve(syntax.type);
    const conversion = implicitConversion(element, type) ?? explicitConversion(element, type, false);
    if (conversion === undefined)
      return binder.fail(`'${show(element)}' cannot be cast to '${show(type)}'`, syntax.start);
    if (name === null) return () => () => undefined;
    const local = binder.declare(name, type, syntax.start, { isReadonly: true });
    const { convert } = conversion;
    return () => {
      const set = emitInitialize(local);
      return convert === null ? set : (frame, value) => set(frame, convert(value));
    };
  }
  const parts = pairOf(
    binder,
    valueOf(element, syntax.start, () => () => null),
    syntax.names.length,
  );
  if (parts === undefined) return binder.fail(`'${show(element)}' cannot be taken apart`, syntax.start);
  const locals = syntax.names.map((each, index) =>
    each === null ? null : binder.declare(each, parts.types[index] as CsType, syntax.start),
  );
  return () => {
    const setters = locals.map((local) => (local === null ? null : emitInitialize(local)));
    return (frame, value) => {
      const split = parts.split(value);
      for (const [index, set] of setters.entries()) set?.(frame, split[index]);
    };
  };
}
