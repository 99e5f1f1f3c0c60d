import type { TypeTable } from "#notation/csharp/type/type-def.ts";

const letters = Array.from({ length: 10 }, (_, index) => `T${index + 1}`);

function delegate(name: string, invoke: string): TypeTable {
  return { name, namespace: "System", kind: "delegate", invoke };
}

function family(count: number): TypeTable[] {
  const inputs = letters.slice(0, count).join(", ");
  return [
    delegate(count === 0 ? "Func<TResult>" : `Func<${inputs}, TResult>`, `(${inputs}): TResult`),
    delegate(count === 0 ? "Action" : `Action<${inputs}>`, `(${inputs})`),
  ];
}

export const delegateTables: readonly TypeTable[] = [
  { name: "Delegate", namespace: "System", kind: "class" },
  ...Array.from({ length: 9 }, (_, count) => family(count)).flat(),
  delegate("Predicate<T>", "(T obj): bool"),
  delegate("Comparison<T>", "(T x, T y): int"),
  delegate("Converter<TInput, TOutput>", "(TInput input): TOutput"),
  { ...delegate("MatchEvaluator", "(Match match): string"), namespace: "System.Text.RegularExpressions" },
];
