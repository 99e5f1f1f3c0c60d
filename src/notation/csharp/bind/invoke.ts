import type { CsType } from "#notation/csharp/type/cs-type.ts";
import type { MemberDef } from "#notation/csharp/type/type-def.ts";
import { nullReference } from "#notation/csharp/value/net-exception.ts";
import type { Code } from "./bound.ts";

type Run = (...args: unknown[]) => unknown;

/** Runtime types that a member's implementation wants in front of its arguments. */
export function passedTypes(member: MemberDef, bindings: ReadonlyMap<string, CsType>): readonly CsType[] {
  const isConstructor = member.name === "";
  const names = isConstructor ? member.owner.parameters : member.passed;
  return names.map((name) => bindings.get(name) as CsType);
}

/** A call of an implementation. `receiver` is checked for null where `isNullChecked`. */
export function emitInvoke(
  member: MemberDef,
  bindings: ReadonlyMap<string, CsType>,
  receiver: Code | null,
  args: readonly Code[],
  isNullChecked: boolean,
): Code {
  const types = passedTypes(member, bindings);
  const run = member.run as unknown as Run;
  if (receiver === null) return types.length === 0 ? plainCall(run, args) : typedCall(run, types, args);
  const checked = isNullChecked ? notNull(receiver) : receiver;
  return types.length === 0 ? plainCall(run, [checked, ...args]) : typedCall(run, types, [checked, ...args]);
}

export function notNull(code: Code): Code {
  return (frame) => {
    const value = code(frame);
    if (value === null || value === undefined) throw nullReference();
    return value;
  };
}

function plainCall(run: Run, args: readonly Code[]): Code {
  const [a, b, c, d] = args as [Code, Code, Code, Code];
  switch (args.length) {
    case 0:
      return () => run();
    case 1:
      return (frame) => run(a(frame));
    case 2:
      return (frame) => run(a(frame), b(frame));
    case 3:
      return (frame) => run(a(frame), b(frame), c(frame));
    case 4:
      return (frame) => run(a(frame), b(frame), c(frame), d(frame));
    default:
      return (frame) => run(...args.map((arg) => arg(frame)));
  }
}

function typedCall(run: Run, types: readonly CsType[], args: readonly Code[]): Code {
  const [type] = types;
  const [a, b, c] = args as [Code, Code, Code];
  if (types.length === 1) {
    if (args.length === 1) return (frame) => run(type, a(frame));
    if (args.length === 2) return (frame) => run(type, a(frame), b(frame));
    if (args.length === 3) return (frame) => run(type, a(frame), b(frame), c(frame));
  }
  return (frame) => run(...types, ...args.map((arg) => arg(frame)));
}
