import { implicitConversion } from "#notation/csharp/type/conversions.ts";
import { type CsType, substitute } from "#notation/csharp/type/cs-type.ts";
import type { Binder } from "./binder.ts";
import type { Bound, Candidate, Code, MethodGroup } from "./bound.ts";
import { delegateShape } from "./delegate.ts";
import { emitInvoke } from "./invoke.ts";

/** The method of a group that takes these types, as when it is given to a delegate: `.Select(int.Parse)`. */
function pick(group: MethodGroup, inputs: readonly CsType[]): Candidate | undefined {
  const fitting = group.candidates.filter(({ member, bindings }) => {
    if (member.parameters.length !== inputs.length || member.typeParameters.length !== group.typeArgs.length)
      return false;
    return member.parameters.every((parameter, index) => {
      return implicitConversion(inputs[index] as CsType, substitute(parameter.type, bindings)) !== undefined;
    });
  });
  const isExact = ({ member }: Candidate): boolean =>
    member.parameters.every((parameter, index) => parameter.type.key === inputs[index]?.key);
  return fitting.find(isExact) ?? fitting[0];
}

function bindingsFor(group: MethodGroup, { member, bindings }: Candidate): ReadonlyMap<string, CsType> {
  return new Map([
    ...bindings,
    ...member.typeParameters.map((name, index) => [name, group.typeArgs[index] as CsType] as const),
  ]);
}

export function returnOfGroup(_binder: Binder, group: MethodGroup, inputs: readonly CsType[]): CsType | undefined {
  const picked = pick(group, inputs);
  return picked === undefined ? undefined : substitute(picked.member.returns, bindingsFor(group, picked));
}

export function groupValue(group: MethodGroup, type: CsType): Bound | undefined {
  const shape = delegateShape(type);
  return shape === undefined ? undefined : groupAsDelegate(group, type, shape.parameters, shape.returns);
}

/** A group as a delegate of that type; undefined where none of its methods fits. */
export function groupAsDelegate(
  group: MethodGroup,
  type: CsType,
  inputs: readonly CsType[],
  returns: CsType,
): Bound | undefined {
  const picked = pick(group, inputs);
  if (picked === undefined) return undefined;
  const bindings = bindingsFor(group, picked);
  const given = substitute(picked.member.returns, bindings);
  const conversion = returns.kind === "void" ? undefined : implicitConversion(given, returns);
  if (returns.kind !== "void" && conversion === undefined) return undefined;
  return {
    kind: "value",
    type,
    at: group.at,
    emit: () => emitDelegate(group, picked, bindings, conversion?.convert ?? null),
  };
}

function emitDelegate(
  group: MethodGroup,
  { member }: Candidate,
  bindings: ReadonlyMap<string, CsType>,
  convert: ((value: unknown) => unknown) | null,
): Code {
  // The delegate's arguments stand in a frame of their own, behind the receiver.
  const args = member.parameters.map(
    (_, index): Code =>
      (frame) =>
        frame[index + 1],
  );
  const isInstance = !member.isStatic && group.receiver !== null;
  const call = emitInvoke(member, bindings, isInstance ? (frame) => frame[0] : null, args, isInstance);
  const receiver = group.receiver?.emit() ?? ((): unknown => null);
  return (frame) => {
    const target = receiver(frame);
    return (...values: unknown[]) => {
      const result = call([target, ...values]);
      return convert === null ? result : convert(result);
    };
  };
}
