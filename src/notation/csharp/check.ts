import { endOfExpression } from "./syntax/end-of-expression.ts";

/** What keeps a C# expression from being compiled, or undefined. `offset` counts from its `@`. */
export function checkCsharp(source: string): { readonly message: string; readonly offset: number } | undefined {
  const found = endOfExpression(source, 0);
  if (!found.ok) return found;
  return { message: "expressions are not run yet", offset: 0 };
}
