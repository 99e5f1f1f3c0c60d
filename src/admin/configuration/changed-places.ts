import type { Bundle } from "./bundle.ts";

/** More are told as how many. */
const most = 50;
/** `apis.orders.access` and nothing below: further down is more than a line of the record needs. */
const deepest = 3;
/** A key as people write it. What looks otherwise may be anything, a value among it, and is not told. */
const keyShape = /^( *)(?:- )?(["']?)([A-Za-z][A-Za-z0-9_.-]{0,63})\2 *:(?: +(.*))?$/;

interface Place {
  readonly indent: number;
  readonly path: string;
  /** What stands below is a text, in which nothing is a key. */
  readonly isText: boolean;
}

/**
 * Where two configurations differ, without a word of what stands there: keys of the definition, three deep, and names
 * of other documents. The texts may hold what nobody may read in the record; the history has them.
 */
export function changedPlaces(before: Bundle, after: Bundle, definition: string): readonly string[] {
  const names = new Set([...before.files.keys(), ...after.files.keys()]);
  const found: string[] = [];
  for (const name of [...names].toSorted()) {
    const [old, fresh] = [before.files.get(name), after.files.get(name)];
    if (old === fresh) continue;
    const places = name === definition && old !== undefined && fresh !== undefined ? placesOf(old, fresh) : [];
    found.push(...(places.length > 0 ? places : [`${name} ${changeOf(old, fresh)}`]));
  }
  return found.length <= most ? found : [...found.slice(0, most - 1), `${found.length - most + 1} more`];
}

function placesOf(before: string, after: string): readonly string[] {
  const [old, fresh] = [textsByPlace(before), textsByPlace(after)];
  const found = [...new Set([...old.keys(), ...fresh.keys()])]
    .filter((path) => old.get(path) !== fresh.get(path))
    .map((path) => ({ path, change: changeOf(old.get(path), fresh.get(path)) }));
  const gone = new Set(found.filter(({ change }) => change !== "changed").map(({ path }) => path));
  // What is below a place that came or went came or went with it.
  return found.filter(({ path }) => !isBelow(path, gone)).map(({ path, change }) => `${path} ${change}`);
}

function isBelow(path: string, others: ReadonlySet<string>): boolean {
  for (let at = path.lastIndexOf("."); at > 0; at = path.lastIndexOf(".", at - 1)) {
    if (others.has(path.slice(0, at))) return true;
  }
  return false;
}

function changeOf(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return "added";
  return after === undefined ? "removed" : "changed";
}

/** By indentation, which is how YAML nests in block style; what stands in flow style belongs to its line's key. */
function textsByPlace(text: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const open: Place[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const place = placeOf(line, open);
    if (place !== undefined) open.push(place);
    const path = open.at(-1)?.path ?? "";
    texts.set(path, `${texts.get(path) ?? ""}${line}\n`);
  }
  texts.delete("");
  return texts;
}

/** Undefined: the line belongs to the innermost place that is open. */
function placeOf(line: string, open: Place[]): Place | undefined {
  const indent = line.length - line.trimStart().length;
  const isItem = line.startsWith("- ", indent);
  // A list may stand as far left as its key.
  while (open.length > 0 && isClosed(open.at(-1) as Place, indent, isItem)) open.pop();
  const above = open.at(-1);
  if (above?.isText === true || isItem || open.length >= deepest) return undefined;
  const match = keyShape.exec(line);
  if (match === null) return undefined;
  const [, , , key = "", rest = ""] = match;
  const path = above === undefined ? key : `${above.path}.${key}`;
  return { indent, path, isText: /^[|>]/.test(rest) };
}

function isClosed(place: Place, indent: number, isItem: boolean): boolean {
  return isItem ? indent < place.indent : indent <= place.indent;
}
