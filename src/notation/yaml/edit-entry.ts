import { isDeepStrictEqual } from "node:util";
import { Document, isCollection, isMap, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";

/** Why an entry cannot be read or changed. */
export interface EntryProblem {
  readonly kind: "unknown" | "not-yaml" | "not-editable";
  readonly problem: string;
}

type Path = readonly string[];
type Result = string | EntryProblem;

/**
 * Sets one entry of nested maps, and leaves every other line of the text as it is: comments, order and spelling.
 * @param path keys from the top; maps that are not there are made
 * @param value YAML of the entry
 */
export function setEntry(text: string, path: Path, value: string): Result {
  const fresh = parseDocument(value);
  const [error] = fresh.errors;
  if (error !== undefined) return problem("not-yaml", `the entry is not YAML: ${error.message.split("\n")[0]}`);
  return edit(text, path, fresh.contents);
}

/** Removes an entry, its comment, and maps that become empty by that. */
export function deleteEntry(text: string, path: Path): Result {
  return edit(text, path, undefined);
}

/** YAML of one entry by itself. */
export function readEntry(text: string, path: Path): Result {
  const document = parseDocument(text);
  const node = document.getIn(path, true) as Node | undefined;
  return node === undefined ? unknown(path) : render(node);
}

/** Keys of a map; none where it is not there. */
export function entryNames(text: string, path: Path): readonly string[] {
  const map = parseDocument(text).getIn(path);
  return isMap(map) ? map.items.map(({ key }) => keyOf(key)) : [];
}

/** @param value undefined: the entry goes */
function edit(text: string, path: Path, value: Node | null | undefined): Result {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents) || document.contents.flow === true) {
    return problem("not-editable", "the definition is no map in block style");
  }
  if (value === undefined && !document.hasIn(path)) return unknown(path);
  const edited = value === undefined ? removeAt(text, document, path) : setAt(text, document, path, value);
  if (typeof edited !== "string") return edited;
  return isAsMeant(document, edited, path, value) ? edited : notEditable(path);
}

interface Place {
  readonly map: YAMLMap;
  /** Which key of the path this is. */
  readonly depth: number;
  readonly pair: Pair | undefined;
}

/** As deep as maps are in block style: only there can lines be exchanged. */
function placeOf({ contents }: Document, path: Path): Place {
  let map = contents as YAMLMap;
  for (let depth = 0; ; depth++) {
    const pair = map.items.find(({ key }) => keyOf(key) === path[depth]);
    const below = pair?.value;
    const isDeeper = depth < path.length - 1 && isMap(below) && below.flow !== true && below.items.length > 0;
    if (!isDeeper) return { map, depth, pair };
    map = below;
  }
}

function setAt(text: string, document: Document, path: Path, value: Node | null): Result {
  const { map, depth, pair } = placeOf(document, path);
  const node = nested(pair, path.slice(depth + 1), value);
  const lines = (indent: string): string => indented(render({ [path[depth] as string]: node }), indent);
  if (pair !== undefined) {
    const span = spanOf(text, pair);
    return span === undefined ? notEditable(path) : replace(text, span, lines(span.indent));
  }
  const last = map.items.at(-1);
  const span = last && spanOf(text, last);
  if (span === undefined) return notEditable(path);
  const head = text.slice(0, span.end);
  return `${head}${head.endsWith("\n") ? "" : "\n"}${lines(span.indent)}${text.slice(span.end)}`;
}

function removeAt(text: string, document: Document, path: Path): Result {
  const { map, depth, pair } = placeOf(document, path);
  if (pair === undefined) return unknown(path);
  if (depth < path.length - 1) return removeWithin(text, document, path, pair, depth);
  if (map.items.length === 1 && depth > 0) return removeAt(text, document, path.slice(0, depth));
  const span = spanOf(text, pair);
  if (span === undefined) return notEditable(path);
  return replace(text, { ...span, start: startWithComment(text, span) }, "");
}

/** It stands between braces: what is around it is written anew. */
function removeWithin(text: string, document: Document, path: Path, pair: Pair, depth: number): Result {
  const rest = path.slice(depth + 1);
  const around = new Document();
  around.contents = (pair.value as Node).clone() as Node;
  around.deleteIn(rest);
  for (let at = rest.length - 1; at > 0 && isEmpty(around.getIn(rest.slice(0, at))); at--) {
    around.deleteIn(rest.slice(0, at));
  }
  if (isEmpty(around.contents)) return removeAt(text, document, path.slice(0, depth + 1));
  return setAt(text, document, path.slice(0, depth + 1), around.contents);
}

function isEmpty(node: unknown): boolean {
  return isCollection(node) && node.items.length === 0;
}

/** What is to stand at a key: the value, or the map around it that is there already or has to be made. */
function nested(pair: Pair | undefined, rest: Path, value: Node | null): Node | null {
  if (rest.length === 0) return value;
  const around = new Document();
  around.contents = isMap(pair?.value) ? (pair.value.clone() as YAMLMap) : (around.createNode({}) as YAMLMap);
  around.setIn(rest, value);
  return around.contents;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly indent: string;
}

/** The lines of an entry in block style; undefined where something else stands on them. */
function spanOf(text: string, { key, value }: Pair): Span | undefined {
  if (!isScalar(key) || !key.range) return undefined;
  const start = text.lastIndexOf("\n", key.range[0] - 1) + 1;
  const indent = text.slice(start, key.range[0]);
  if (!/^ *$/.test(indent)) return undefined;
  const valueEnd = (value as Node | null)?.range?.[1] ?? key.range[1];
  const found = text.indexOf("\n", Math.max(valueEnd - 1, key.range[1]));
  return { start, end: found < 0 ? text.length : found + 1, indent };
}

/** Comments right above speak of the entry. */
function startWithComment(text: string, { start, indent }: Span): number {
  let from = start;
  while (from > 0) {
    const above = text.lastIndexOf("\n", from - 2) + 1;
    if (!text.startsWith(`${indent}#`, above)) return from;
    from = above;
  }
  return from;
}

function replace(text: string, { start, end }: Span, by: string): string {
  return `${text.slice(0, start)}${by}${text.slice(end)}`;
}

function render(value: unknown): string {
  return new Document(value).toString({ lineWidth: 0 });
}

function indented(lines: string, indent: string): string {
  return indent === "" ? lines : lines.replaceAll(/^(?=.)/gm, indent);
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}

/** Read again, the text says what it said before, and the entry what it was to say: an alias may have changed as well. */
function isAsMeant(before: Document, edited: string, path: Path, value: Node | null | undefined): boolean {
  const after = parseDocument(edited);
  if (after.errors.length > 0) return false;
  const expected = plain(before);
  if (value === undefined) prune(expected, path);
  else put(expected, path, plain(new Document(value)));
  return isDeepStrictEqual(plain(after), expected);
}

type Plain = Record<string, unknown>;

/** Without anything shared. */
function plain(document: Document): Plain {
  return JSON.parse(JSON.stringify(document.toJS())) as Plain;
}

function put(into: Plain, [key = "", ...rest]: Path, value: unknown): void {
  if (rest.length === 0) into[key] = value;
  else put((into[key] ??= {}) as Plain, rest, value);
}

function prune(from: Plain, [key = "", ...rest]: Path): void {
  const below = from[key] as Plain;
  if (rest.length > 0) prune(below, rest);
  if (rest.length === 0 || Object.keys(below).length === 0) delete from[key];
}

function unknown(path: Path): EntryProblem {
  return problem("unknown", `there is no ${path.join(".")}`);
}

function notEditable(path: Path): EntryProblem {
  return problem("not-editable", `${path.join(".")} cannot be changed by itself, as it is written`);
}

function problem(kind: EntryProblem["kind"], text: string): EntryProblem {
  return { kind, problem: text };
}
