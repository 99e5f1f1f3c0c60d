import { compileCsharp, evaluationMessage } from "./compile.ts";
import { contextOf } from "./context.test-helper.ts";
import type { CsContext } from "./context/provider.ts";
import { defaultLimits } from "./value/run.ts";
import { toText } from "./value/to-text.ts";

const fixedSources = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678), random: () => 0.5 };

/** On a slow machine the bound in time would come before the one that is tested. */
const untimed = { ...defaultLimits, milliseconds: Infinity };

/** The text of what a C# expression gives, or `! message` where it throws. */
export function textOf(expression: string, context: CsContext = contextOf()): string {
  const source = /^@[({]/.test(expression) ? expression : `@(${expression})`;
  const compiled = compileCsharp(source);
  try {
    return toText(compiled.run(context, untimed, fixedSources));
  } catch (error) {
    return `! ${evaluationMessage(error)?.replace("Expression evaluation failed. ", "")}`;
  }
}
