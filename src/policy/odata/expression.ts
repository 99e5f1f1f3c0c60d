import type { Reader } from "./reader.ts";

/** Between two operands. How they bind does not matter for whether it is an expression. */
const operators: ReadonlySet<string> = new Set([
  "or",
  "and",
  "eq",
  "ne",
  "gt",
  "ge",
  "lt",
  "le",
  "has",
  "in",
  "add",
  "sub",
  "mul",
  "div",
  "divby",
  "mod",
]);

/** @see OData Version 4.01, Part 2: URL Conventions, §5.1.1 @throws OdataProblem */
export function readExpression(reader: Reader): void {
  reader.within(() => {
    readOperand(reader);
    while (reader.next.kind === "name" && operators.has(reader.next.text)) {
      reader.take();
      readOperand(reader);
    }
  });
}

function readOperand(reader: Reader): void {
  // `not` may be a member's name as well: then nothing that could be negated follows.
  while (reader.is("-") || (reader.is("not") && startsOperand(reader))) reader.take();
  const { kind, text } = reader.next;
  if (kind === "literal" || kind === "text") return void reader.take();
  if (reader.has("(")) return readListUntil(reader, ")");
  if (reader.has("[")) return reader.has("]") ? undefined : readListUntil(reader, "]");
  if (reader.has("{")) return readObject(reader);
  if (kind === "option" && text !== "$it" && text !== "$root" && text !== "$this" && text !== "$count") {
    throw reader.problem("this option has no place in an expression");
  }
  readPath(reader);
}

function startsOperand({ following: { kind, text } }: Reader): boolean {
  if (kind === "name") return !operators.has(text);
  return kind === "literal" || kind === "text" || kind === "alias" || kind === "option" || "([{-".includes(text || "x");
}

function readListUntil(reader: Reader, close: string): void {
  do readExpression(reader);
  while (reader.has(","));
  reader.want(close);
}

/** JSON, as parameters may be. */
function readObject(reader: Reader): void {
  if (reader.has("}")) return;
  do {
    reader.wantKind("text", "the name of a member");
    reader.want(":");
    readExpression(reader);
  } while (reader.has(","));
  reader.want("}");
}

/** Members, type names, functions and lambdas, with slashes between them; or a literal with its type before it. */
export function readPath(reader: Reader): void {
  if (reader.next.kind === "alias" || reader.next.kind === "option") reader.take();
  else if (readQualifiedName(reader) && reader.next.kind === "text") return void reader.take();
  else readArguments(reader);
  while (reader.has("/")) {
    if (reader.next.kind === "option") reader.take();
    else {
      readQualifiedName(reader);
      readArguments(reader);
    }
  }
}

/** @returns true: so that what may follow can be asked in one go */
export function readQualifiedName(reader: Reader): true {
  do reader.wantKind("name", "a name");
  while (reader.has("."));
  return true;
}

/** Of a function, a key or a lambda (`d:d/Price gt 10`), where there are any. */
export function readArguments(reader: Reader): void {
  if (!reader.has("(")) return;
  if (reader.has(")")) return;
  reader.within(() => {
    do {
      const named = reader.next.kind === "name" && (reader.following.text === "=" || reader.following.text === ":");
      if (named) {
        reader.take();
        reader.take();
      }
      readExpression(reader);
    } while (reader.has(","));
  });
  reader.want(")");
}
