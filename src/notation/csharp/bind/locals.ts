import { Cell } from "#notation/csharp/value/cell.ts";
import type { Binder } from "./binder.ts";
import type { Bound, Code, Frame } from "./bound.ts";
import type { Local } from "./scope.ts";

/** A variable as an expression. */
export function localValue(binder: Binder, local: Local, at: number): Bound {
  if (local.constant !== undefined) {
    const { constant } = local;
    return { kind: "value", type: local.type, at, constant, emit: () => () => constant };
  }
  const slot = binder.scope.owner.slotOf(local);
  const named = local.parameters === undefined ? {} : { parameters: local.parameters };
  const base = { kind: "value", type: local.type, at, ...named, emit: () => read(local, slot) } as const;
  if (local.isReadonly) return base;
  return {
    ...base,
    place: {
      parts: () => [],
      get: (frame) => (local.isShared ? (frame[slot] as Cell).value : frame[slot]),
      set: (frame, _parts, value) => {
        if (local.isShared) (frame[slot] as Cell).value = value;
        else frame[slot] = value;
      },
    },
  };
}

function read(local: Local, slot: number): Code {
  if (local.isShared) return (frame) => (frame[slot] as Cell).value;
  return (frame) => frame[slot];
}

/** Gives a variable its first value: a shared one gets a cell of its own each time its declaration runs. */
export function emitInitialize(local: Local): (frame: Frame, value: unknown) => void {
  const { slot } = local;
  if (local.isShared) {
    return (frame, value) => {
      frame[slot] = new Cell(value);
    };
  }
  return (frame, value) => {
    frame[slot] = value;
  };
}
