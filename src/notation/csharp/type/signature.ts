import { Cursor, type Grammar } from "#notation/csharp/syntax/cursor.ts";
import { parseType } from "#notation/csharp/syntax/parse-type.ts";
import type { TypeSyntax } from "#notation/csharp/syntax/ast.ts";
import { tokenize } from "#notation/csharp/syntax/tokenize.ts";

export interface ParameterSyntax {
  readonly type: TypeSyntax;
  readonly name: string;
  readonly isOut: boolean;
  readonly isParams: boolean;
  readonly isThis: boolean;
  /** undefined: none. */
  readonly initial: string | undefined;
}

export interface SignatureSyntax {
  readonly name: string;
  readonly typeParameters: readonly string[];
  readonly passed: readonly string[];
  /** null: a property. */
  readonly parameters: readonly ParameterSyntax[] | null;
  /** null: a constructor. */
  readonly returns: TypeSyntax | null;
}

const refuse = (): never => {
  throw new Error("a signature holds types only");
};

const typesOnly: Grammar = {
  expression: refuse,
  unary: refuse,
  type: (cursor) => parseType(cursor),
  block: refuse,
  statement: refuse,
  pattern: refuse,
  args: refuse,
  initializer: refuse,
};

function cursorOver(text: string): Cursor {
  return new Cursor(typesOnly, tokenize(text, 0, text.length));
}

/** Reads a signature of the type table: `Name<type T>(A a, out B b): R`. */
export function readSignature(text: string): SignatureSyntax {
  const cursor = cursorOver(text);
  const name = memberName(cursor);
  const typeParameters: string[] = [];
  const passed: string[] = [];
  if (cursor.take("<")) {
    do {
      const isPassed = cursor.isWord("type") && !cursor.is(",", 1) && !cursor.is(">", 1);
      if (isPassed) cursor.next();
      const { text: parameter } = cursor.name("a type parameter");
      typeParameters.push(parameter);
      if (isPassed) passed.push(parameter);
    } while (cursor.take(","));
    cursor.expect(">");
  }
  const close = cursor.is("[") ? "]" : ")";
  const parameters = cursor.take("(") || cursor.take("[") ? readParameters(cursor, close) : null;
  const returns = cursor.take(":") ? parseType(cursor) : null;
  if (cursor.token.kind !== "end") cursor.fail(`unexpected ${cursor.found()} in signature '${text}'`);
  return { name, typeParameters, passed, parameters, returns };
}

function memberName(cursor: Cursor): string {
  if (cursor.is("(")) return "";
  const { text, kind } = cursor.next();
  if (text === "this" && kind === "keyword") return "this[]";
  // `>>` is two tokens, as everywhere.
  return text === ">" && cursor.take(">") ? ">>" : text;
}

function readParameters(cursor: Cursor, close: string): ParameterSyntax[] {
  const parameters: ParameterSyntax[] = [];
  if (cursor.take(close)) return parameters;
  do {
    const isThis = cursor.take("this");
    const isOut = cursor.take("out");
    const isParams = cursor.take("params");
    const type = parseType(cursor);
    const name = cursor.token.kind === "name" ? cursor.next().text : `arg${parameters.length}`;
    const initial = cursor.take("=") ? cursor.next().text : undefined;
    parameters.push({ type, name, isOut, isParams, isThis, initial });
  } while (cursor.take(","));
  cursor.expect(close);
  return parameters;
}

export function readTypeSyntax(text: string): TypeSyntax {
  return parseType(cursorOver(text));
}
