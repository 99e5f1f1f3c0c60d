import { type CsType, substitute } from "#notation/csharp/type/cs-type.ts";
import { bindingsOf } from "#notation/csharp/type/subtype.ts";

export interface DelegateShape {
  readonly parameters: readonly CsType[];
  readonly returns: CsType;
}

/** What a delegate type takes and gives; undefined for other types. */
export function delegateShape(type: CsType): DelegateShape | undefined {
  if (type.kind !== "named" || type.def.invoke === null) return undefined;
  const { parameters, returns } = type.def.invoke;
  const bindings = bindingsOf(type);
  return { parameters: parameters.map((each) => substitute(each, bindings)), returns: substitute(returns, bindings) };
}
