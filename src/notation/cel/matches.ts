import { RE2JS } from "re2js";
import { EvaluationError, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { maxPatternLength, maxSubjectLength } from "./limits.ts";

interface MacroCall {
  readonly args: readonly ASTNode[];
  readonly receiver: ASTNode;
}

interface Runner {
  run(node: ASTNode, context: unknown): unknown;
}

interface Checker {
  check(node: ASTNode, context: unknown): { readonly name: string };
  getType(name: string): unknown;
}

interface MatchesMacro {
  readonly typeCheck: (checker: Checker, macro: unknown, context: unknown) => unknown;
  readonly evaluate: (runner: Runner, macro: unknown, context: unknown) => boolean;
  readonly async: false;
}

/**
 * `text.matches("pattern")` on RE2 instead of the library's RegExp: a backtracking engine on a header or path is
 * a denial of service that any client can send (`^(a+)+$` on 28 characters takes seconds, and cannot be stopped).
 * The pattern must be written out, so it is compiled once and can never come from a client.
 */
export function matchesMacro(call: MacroCall): MatchesMacro {
  const pattern = compilePattern(call.args[0] as ASTNode);
  return {
    typeCheck: (checker, _macro, context) => checkReceiver(checker, call.receiver, context),
    evaluate: (runner, _macro, context) => test(pattern, runner.run(call.receiver, context), call.receiver),
    async: false,
  };
}

function compilePattern(node: ASTNode): RE2JS {
  if (node.op !== "value" || typeof node.args !== "string") {
    throw new ParseError("matches() takes a pattern that is written out as a string", node);
  }
  if (node.args.length > maxPatternLength) {
    throw new ParseError(`a pattern of matches() has at most ${maxPatternLength} characters`, node);
  }
  try {
    return RE2JS.compile(node.args);
  } catch {
    throw new ParseError("matches() takes a pattern in RE2 syntax, without look-around and back-references", node);
  }
}

function checkReceiver(checker: Checker, receiver: ASTNode, context: unknown): unknown {
  const type = checker.check(receiver, context);
  if (type.name !== "string" && type.name !== "dyn") {
    throw new ParseError(`matches() is for strings, this is '${type.name}'`, receiver);
  }
  return checker.getType("bool");
}

function test(pattern: RE2JS, subject: unknown, node: ASTNode): boolean {
  if (typeof subject !== "string") throw new EvaluationError("matches() is for strings", node);
  if (subject.length > maxSubjectLength) throw new EvaluationError("too long for matches()", node);
  return pattern.test(subject);
}
