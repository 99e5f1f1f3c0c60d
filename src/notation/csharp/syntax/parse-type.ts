import type { TypeName, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

export const predefinedTypes: ReadonlySet<string> = new Set(
  "bool byte sbyte short ushort int uint long ulong float double decimal char string object void".split(" "),
);

/** A type. `isOperand`: behind `is` and `as`, where a `?` may begin a conditional instead. */
export function parseType(cursor: Cursor, isOperand = false): TypeSyntax {
  return cursor.deeper(() => suffixed(cursor, isOperand));
}

function suffixed(cursor: Cursor, isOperand: boolean): TypeSyntax {
  const { start } = cursor.token;
  let type = core(cursor);
  for (;;) {
    if (cursor.is("?") && (!isOperand || !startsOperand(cursor, 1))) {
      cursor.next();
      type = { kind: "nullable", element: type, start, end: cursor.lastEnd };
    } else if (cursor.is("[") && (cursor.is("]", 1) || cursor.is(",", 1))) {
      cursor.next();
      let rank = 1;
      while (cursor.take(",")) rank++;
      cursor.expect("]");
      type = { kind: "array", element: type, rank, start, end: cursor.lastEnd };
    } else return type;
  }
}

function startsOperand(cursor: Cursor, distance: number): boolean {
  const { kind, text } = cursor.peek(distance);
  if (kind === "operator") return ["(", "-", "+", "!", "~", "++", "--"].includes(text);
  if (kind === "keyword") return text !== "is" && text !== "as";
  return kind !== "end";
}

function core(cursor: Cursor): TypeSyntax {
  const { token } = cursor;
  const { start } = token;
  if (token.kind === "keyword" && predefinedTypes.has(token.text)) {
    cursor.next();
    return { kind: "named", path: [{ name: token.text, args: [] }], start, end: token.end };
  }
  if (cursor.is("(")) return tupleType(cursor);
  const path: TypeName[] = [];
  if (cursor.isWord("global") && cursor.is("::", 1)) {
    cursor.next();
    cursor.next();
  }
  do {
    const { text: name } = cursor.name("a type");
    path.push({ name, args: typeArguments(cursor) });
  } while (cursor.take("."));
  return { kind: "named", path, start, end: cursor.lastEnd };
}

function tupleType(cursor: Cursor): TypeSyntax {
  const { start } = cursor.expect("(");
  const elements: { type: TypeSyntax; name: string | null }[] = [];
  do {
    const type = parseType(cursor);
    elements.push({ type, name: cursor.token.kind === "name" ? cursor.next().text : null });
  } while (cursor.take(","));
  cursor.expect(")");
  if (elements.length < 2) cursor.fail("a tuple type has at least two elements", start);
  return { kind: "tuple", elements, start, end: cursor.lastEnd };
}

export function typeArguments(cursor: Cursor): TypeSyntax[] {
  const args: TypeSyntax[] = [];
  if (!cursor.take("<")) return args;
  do args.push(parseType(cursor));
  while (cursor.take(","));
  cursor.expect(">");
  return args;
}

/** What may stand behind `a<b>` for it to be type arguments and no comparison (C# 7, §7.5.4.2). */
const behindArguments: ReadonlySet<string> = new Set("( ) ] } : ; , . ? ?. == != | ^ && || & [ =>".split(" "));

/** Type arguments of a name within an expression; none where `<` is a comparison. */
export function callTypeArguments(cursor: Cursor): TypeSyntax[] {
  if (!cursor.is("<")) return [];
  const args = cursor.attempt(() => {
    const found = typeArguments(cursor);
    const { kind, text } = cursor.token;
    return kind === "end" || (kind === "operator" && behindArguments.has(text)) ? found : undefined;
  });
  return args ?? [];
}
