import { RE2JS } from "re2js";
import { EvaluationError, ParseError, type ASTNode } from "@marcbachmann/cel-js";
import { maxPatternLength, maxSubjectLength } from "./limits.ts";
import { checkText, literalString, type MacroCall, type Runner, textMacro, type TextMacro } from "./text-macro.ts";

/**
 * `text.matches("pattern")` on RE2 instead of the library's RegExp: a backtracking engine on a header or path is
 * a denial of service that any client can send (`^(a+)+$` on 28 characters takes seconds, and cannot be stopped).
 * The pattern must be written out, so it is compiled once and can never come from a client.
 */
export function matchesMacro({ args, receiver }: MacroCall): TextMacro<boolean> {
  const pattern = compilePattern("matches", args[0]);
  return textMacro("matches", "bool", receiver, (subject) => pattern.test(bounded("matches", subject, receiver)));
}

/** `text.capture("pattern", group)`: what a group of the first match holds, by number or name; empty without one. */
export function captureMacro({ args, receiver }: MacroCall): TextMacro<string> {
  const pattern = compilePattern("capture", args[0]);
  const group = groupOf(pattern, args[1]);
  return textMacro("capture", "string", receiver, (subject) => {
    const matcher = pattern.matcher(bounded("capture", subject, receiver));
    return matcher.find() ? (matcher.group(group) ?? "") : "";
  });
}

/** `text.replaceMatches("pattern", with)`: every match replaced; `$1` and `${name}` of a written text are groups, as in RE2. */
export function replaceMatchesMacro({ args, receiver }: MacroCall): TextMacro<string> {
  const pattern = compilePattern("replaceMatches", args[0]);
  const given = args[1] as ASTNode;
  const written = given.op === "value" && typeof given.args === "string" ? given.args : undefined;
  const replacementOf = (runner: Runner, context: unknown): string =>
    written ?? RE2JS.quoteReplacement(String(runner.run(given, context)));
  const macro = textMacro("replaceMatches", "string", receiver, (subject, runner, context) =>
    pattern.matcher(bounded("replaceMatches", subject, receiver)).replaceAll(replacementOf(runner, context)),
  );
  return {
    ...macro,
    typeCheck: (checker, self, context) => {
      if (written === undefined) checkText("replaceMatches", checker, given, context);
      return macro.typeCheck(checker, self, context);
    },
  };
}

function compilePattern(name: string, node: ASTNode | undefined): RE2JS {
  const text = literalString(node, `${name}() takes a pattern that is written out as a string`);
  if (text.length > maxPatternLength) {
    throw new ParseError(`a pattern of ${name}() has at most ${maxPatternLength} characters`, node as ASTNode);
  }
  try {
    return RE2JS.compile(text);
  } catch {
    throw new ParseError(
      `${name}() takes a pattern in RE2 syntax, without look-around and back-references`,
      node as ASTNode,
    );
  }
}

function groupOf(pattern: RE2JS, node: ASTNode | undefined): number {
  const wanted: unknown = node?.op === "value" ? node.args : undefined;
  if (typeof wanted === "bigint" && wanted >= 0n && wanted <= BigInt(pattern.groupCount())) return Number(wanted);
  const named = typeof wanted === "string" ? pattern.namedGroups()[wanted] : undefined;
  if (named !== undefined) return named;
  throw new ParseError("capture() takes the number or the name of a group of its pattern", node as ASTNode);
}

function bounded(name: string, subject: string, node: ASTNode): string {
  if (subject.length > maxSubjectLength) throw new EvaluationError(`too long for ${name}()`, node);
  return subject;
}
