import { readExpression, readQualifiedName } from "./expression.ts";
import { Reader } from "./reader.ts";

type ReadOption = (reader: Reader) => void;

/** System query options, by name without the dollar. @see OData Version 4.01, Part 2: URL Conventions, §5.1 */
const options: Readonly<Record<string, ReadOption>> = {
  filter: readExpression,
  orderby: (reader) => readItems(reader, readSorted),
  select: (reader) => readItems(reader, readSelected),
  expand: (reader) => readItems(reader, readExpanded),
  compute: (reader) => readItems(reader, readComputed),
  search: readSearch,
  top: readCount,
  skip: readCount,
  index: readIndex,
  count: readFlag,
  levels: (reader) => {
    if (!reader.has("max")) readCount(reader);
  },
  apply: readBalanced,
};

/** Whatever they say is the service's own. */
const opaque: ReadonlySet<string> = new Set([
  "format",
  "skiptoken",
  "deltatoken",
  "id",
  "schemaversion",
  "inlinecount",
]);

/** @param name without the dollar, lower case */
export function isSystemOption(name: string): boolean {
  return Object.hasOwn(options, name) || opaque.has(name);
}

/** @throws OdataProblem */
export function checkOption(name: string, value: string): void {
  const read = Object.hasOwn(options, name) ? options[name] : undefined;
  if (read === undefined) return;
  const reader = new Reader(value);
  read(reader);
  reader.end();
}

/** What a parameter alias stands for. @throws OdataProblem */
export function checkAlias(value: string): void {
  const reader = new Reader(value);
  readExpression(reader);
  reader.end();
}

function readItems(reader: Reader, read: ReadOption): void {
  do read(reader);
  while (reader.has(","));
}

function readSorted(reader: Reader): void {
  readExpression(reader);
  if (!reader.has("asc")) reader.has("desc");
}

function readComputed(reader: Reader): void {
  readExpression(reader);
  reader.want("as");
  reader.wantKind("name", "a name");
}

function readSelected(reader: Reader): void {
  if (reader.has("*")) return;
  readMember(reader, true);
  readOptions(reader);
}

function readExpanded(reader: Reader): void {
  if (!reader.has("*")) readMember(reader, false);
  else if (reader.has("/")) reader.wantKind("option", "$ref or $count");
  readOptions(reader);
}

/** A path of names without keys and functions; `Namespace.*` where all of its actions may be meant. */
function readMember(reader: Reader, wildcard: boolean): void {
  do {
    if (reader.next.kind === "option") reader.take();
    else if (wildcard && readsWildcard(reader)) return;
    else if (!wildcard) readQualifiedName(reader);
  } while (reader.has("/"));
}

/** Reads a qualified name. @returns whether it ended in `.*` */
function readsWildcard(reader: Reader): boolean {
  do {
    if (reader.has("*")) return true;
    reader.wantKind("name", "a name");
  } while (reader.has("."));
  return false;
}

/** `($select=a;$filter=b eq 1)` behind a member. */
function readOptions(reader: Reader): void {
  if (!reader.has("(")) return;
  reader.within(() => {
    do readNested(reader);
    while (reader.has(";"));
  });
  reader.want(")");
}

function readNested(reader: Reader): void {
  if (reader.next.kind === "alias") {
    reader.take();
    reader.want("=");
    return readExpression(reader);
  }
  const { kind, text } = reader.take();
  const name = (kind === "option" ? text.slice(1) : text).toLowerCase();
  const read = Object.hasOwn(options, name) ? options[name] : undefined;
  if ((kind !== "option" && kind !== "name") || read === undefined) throw reader.problem("this is no system option");
  reader.want("=");
  return read(reader);
}

function readCount(reader: Reader): void {
  if (!/^\d{1,18}$/.test(reader.wantKind("literal", "a number"))) throw reader.problem("a number of items is wanted");
}

function readIndex(reader: Reader): void {
  if (!/^-?\d{1,18}$/.test(reader.wantKind("literal", "a number"))) throw reader.problem("a whole number is wanted");
}

function readFlag(reader: Reader): void {
  if (!reader.has("true")) reader.want("false");
}

/** Words and phrases with AND, OR, NOT and parentheses. */
function readSearch(reader: Reader): void {
  reader.within(() => {
    readTerm(reader);
    // A space is AND.
    for (;;) {
      if (reader.has("AND") || reader.has("OR")) readTerm(reader);
      else if (startsTerm(reader)) readTerm(reader);
      else return;
    }
  });
}

function startsTerm(reader: Reader): boolean {
  const { kind, text } = reader.next;
  return (
    (kind === "name" && text !== "AND" && text !== "OR") || kind === "text" || kind === "literal" || reader.is("(")
  );
}

function readTerm(reader: Reader): void {
  while (reader.has("NOT"));
  if (reader.has("(")) {
    readSearch(reader);
    return reader.want(")");
  }
  if (!startsTerm(reader)) throw reader.problem("a word is missing");
  reader.take();
}

/** Transformations have a grammar of their own, with extensions; they are held to their parentheses. */
function readBalanced(reader: Reader): void {
  let open = 0;
  while (reader.next.kind !== "end" && !(open === 0 && (reader.is(")") || reader.is(";")))) {
    if (reader.is("(")) open += 1;
    if (reader.is(")")) open -= 1;
    reader.take();
  }
  if (open > 0) throw reader.problem(") is missing");
}
