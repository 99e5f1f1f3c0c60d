import { bindExpressionText } from "./bind/bind-text.ts";
import type { Expectation } from "./bind/expectation.ts";
import { CsharpProblem } from "./syntax/problem.ts";

export interface CsharpIssue {
  readonly message: string;
  /** UTF-16 offset in the source that was given. */
  readonly offset: number;
}

/**
 * Checks one policy expression, `@(…)` or `@{…}`, against the types that expressions may use.
 * @returns the first problem, or undefined
 */
export function checkCsharp(source: string, expect: Expectation = "any"): CsharpIssue | undefined {
  try {
    bindExpressionText(source, expect);
    return undefined;
  } catch (error) {
    if (!(error instanceof CsharpProblem)) throw error;
    return { message: error.message, offset: error.offset };
  }
}
