import { EvaluationError, ParseError, type ASTNode } from "@marcbachmann/cel-js";

export interface MacroCall {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

export interface Runner {
  run(node: ASTNode, context: unknown): unknown;
}

export interface Checker {
  check(node: ASTNode, context: unknown): { readonly name: string };
  getType(name: string): unknown;
}

/** What the library makes of a call `text.name(…)` whose arguments are looked at once, when the expression is read. */
export interface TextMacro<T> {
  readonly typeCheck: (checker: Checker, macro: unknown, context: unknown) => unknown;
  readonly evaluate: (runner: Runner, macro: unknown, context: unknown) => T;
  readonly async: false;
}

/** @param result type of what `apply` gives, in CEL */
export function textMacro<T>(
  name: string,
  result: string,
  receiver: ASTNode,
  apply: (subject: string, runner: Runner, context: unknown) => T,
): TextMacro<T> {
  return {
    typeCheck: (checker, _macro, context) => {
      checkText(name, checker, receiver, context);
      return checker.getType(result);
    },
    evaluate: (runner, _macro, context) => {
      const subject = runner.run(receiver, context);
      if (typeof subject !== "string") throw new EvaluationError(`${name}() is for strings`, receiver);
      return apply(subject, runner, context);
    },
    async: false,
  };
}

/** @throws ParseError for what can be no string */
export function checkText(name: string, checker: Checker, node: ASTNode, context: unknown): void {
  const type = checker.check(node, context);
  if (type.name === "string" || type.name === "dyn") return;
  throw new ParseError(`${name}() is for strings, this is '${type.name}'`, node);
}

/** @throws ParseError with the message when it is computed */
export function literalString(node: ASTNode | undefined, message: string): string {
  if (node?.op !== "value" || typeof node.args !== "string") throw new ParseError(message, node as ASTNode);
  return node.args;
}
