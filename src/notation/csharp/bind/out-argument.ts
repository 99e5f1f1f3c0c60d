import { type CsType, show } from "#notation/csharp/type/cs-type.ts";
import type { Ref } from "#notation/csharp/type/type-def.ts";
import type { Argument } from "./arguments.ts";
import type { Binder } from "./binder.ts";
import type { Code, Frame } from "./bound.ts";
import { emitInitialize } from "./locals.ts";

interface OutTarget {
  emit(): Code;
  readonly write: () => (frame: Frame) => void;
}

/** An `out` argument: the method writes to a reference, and the variable gets it when the method has returned. */
export function outTarget(binder: Binder, argument: Argument, type: CsType): OutTarget {
  // A slot of this call's own, so that a recursive call has another reference.
  const slot = binder.scope.owner.newSlot();
  const emit = (): Code => (frame) => {
    const ref: Ref = { value: undefined };
    frame[slot] = ref;
    return ref;
  };
  const set = setter(binder, argument, type);
  return {
    emit,
    write: () => {
      const store = set();
      return (frame) => store(frame, (frame[slot] as Ref).value);
    },
  };
}

function setter(binder: Binder, argument: Argument, type: CsType): () => (frame: Frame, value: unknown) => void {
  const { operand, syntax } = argument;
  if (syntax?.kind === "declaration") {
    const [name] = syntax.names;
    if (name === null || name === undefined) return () => () => undefined;
    const declared = syntax.type === null ? type : binder.resolve(syntax.type);
    if (declared.key !== type.key) binder.fail(`'${name}' must be of type '${show(type)}' here`, argument.at);
    const local = binder.declare(name, type, argument.at);
    return () => emitInitialize(local);
  }
  if (operand.kind !== "value" || operand.place === undefined)
    return binder.fail("this cannot be assigned to", argument.at);
  const { place } = operand;
  return () => {
    const parts = place.parts();
    return (frame, value) =>
      place.set(
        frame,
        parts.map((part) => part(frame)),
        value,
      );
  };
}
