import { wrong } from "./problem.ts";

export interface Token {
  readonly kind: "number" | "text" | "variable" | "name" | "function" | "type" | "axis" | "operator" | "sign" | "end";
  readonly text: string;
}

/** Longest expression, in UTF-16 units: some are put together of what a client sends. */
const maxLength = 4000;

const name = String.raw`[\p{L}_][\p{L}\p{N}\p{M}._\-·]*`;
const pattern = new RegExp(
  String.raw`\s*(?:(?<number>\d+(?:\.\d*)?|\.\d+)|(?<text>"[^"]*"|'[^']*')|\$(?<variable>${name}(?::${name})?)|(?<name>${name}:\*|${name}:${name}(?!:)|${name})|(?<sign>::|\/\/|\.\.|<=|>=|!=|[()[\].@,/|+\-=<>*]))`,
  "uy",
);

const types: ReadonlySet<string> = new Set(["node", "text", "comment", "processing-instruction"]);
const operatorNames: ReadonlySet<string> = new Set(["and", "or", "mod", "div"]);
/** After these, a name or a star begins something; after all else they are operators. @see XPath 1.0 §3.7 */
const openers: ReadonlySet<string> = new Set(["@", "::", "(", "[", ",", "/", "//", "|"]);
const signOperators: ReadonlySet<string> = new Set(["+", "-", "=", "!=", "<", "<=", ">", ">="]);

/** @throws XPathProblem */
export function tokenize(expression: string): readonly Token[] {
  if (expression.length > maxLength) wrong(`a path may have ${maxLength} characters`);
  const tokens: Token[] = [];
  const source = expression.trimEnd();
  pattern.lastIndex = 0;
  while (pattern.lastIndex < source.length) {
    const found = pattern.exec(source);
    if (found === null) return wrong("the path has a character that means nothing there");
    tokens.push(tokenOf(found.groups ?? {}, tokens.at(-1), source.slice(pattern.lastIndex)));
  }
  return [...tokens, { kind: "end", text: "" }];
}

function tokenOf(groups: Readonly<Record<string, string>>, before: Token | undefined, rest: string): Token {
  const { number, text, variable, sign } = groups;
  if (number !== undefined) return { kind: "number", text: number };
  if (text !== undefined) return { kind: "text", text: text.slice(1, -1) };
  if (variable !== undefined) return { kind: "variable", text: variable };
  const isAfterOperand =
    before !== undefined && before.kind !== "operator" && !(before.kind === "sign" && openers.has(before.text));
  if (sign !== undefined) {
    if (sign === "*") return { kind: isAfterOperand ? "operator" : "name", text: "*" };
    return { kind: signOperators.has(sign) ? "operator" : "sign", text: sign };
  }
  return nameToken(groups["name"] ?? "", isAfterOperand, rest);
}

function nameToken(text: string, isAfterOperand: boolean, rest: string): Token {
  if (isAfterOperand) {
    if (!operatorNames.has(text)) wrong("the path has a name where an operator should stand");
    return { kind: "operator", text };
  }
  if (/^\s*\(/.test(rest)) return { kind: types.has(text) ? "type" : "function", text };
  return { kind: /^\s*::/.test(rest) ? "axis" : "name", text };
}
