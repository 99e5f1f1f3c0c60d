import { Buffer } from "node:buffer";
import type { HeaderList } from "#model/header-list.ts";
import { decodedString, visitLeaves } from "./json-leaves.ts";
import { formParts } from "./form-parts.ts";
import { namedValues } from "./named-values.ts";
import { type BodyPath, lastNames, Place } from "./place.ts";
import { spellings } from "./spellings.ts";

const mostBytes = 1024 * 1024;
const mostNodes = 50_000;
/** Each of them is looked for in each text. */
const mostValues = 1000;
/** Shorter ones would blot out half of a text. */
const shortest = 3;

export interface BodyValues {
  /** As they may turn up in a text. */
  readonly values: readonly string[];
  /** False: the body is too large, or says too much, to know all that is to be kept out. */
  readonly isWhole: boolean;
}

const nothing: BodyValues = { values: [], isWhole: true };

/** Values at these places of a body that is JSON or a form. Bounded work, whatever the body holds. */
export function bodyValues(bytes: Uint8Array, headers: HeaderList, paths: readonly BodyPath[]): BodyValues {
  if (paths.length === 0) return nothing;
  if (bytes.byteLength > mostBytes) return { values: [], isWhole: false };
  const found = new Set<string>();
  const take: Take = (raw, value) => {
    if (value.length < shortest || found.has(raw)) return true;
    if (found.size < mostValues) found.add(raw).add(value);
    return found.size < mostValues;
  };
  const names = lastNames(paths);
  const takeNamed = (text: string): boolean =>
    namedValues(text, (name) => names.has(name)).every((raw) => take(raw, decodedString(`"${raw}"`)));
  const text = textOf(bytes, headers);
  const isWhole = visit(text, Place.root(paths), { take, takeNamed });
  return { values: [...new Set([...found].flatMap(spellings))], isWhole };
}

const startsJson = /^[\ufeff\s]*[[{"]/;

/** @returns false: there is no room for more */
type Take = (raw: string, value: string) => boolean;

interface Taking {
  readonly take: Take;
  /** What stands within a text behind a name that places end with. */
  readonly takeNamed: (text: string) => boolean;
}

/** @returns false: not all of it was read */
function visit(text: string, root: Place, taking: Taking): boolean {
  const parts = formParts(text);
  const isRead = parts.every(({ name, from, to }) => visitPart(text.slice(from, to), root.member(name), taking));
  // Readers differ in what they take for what.
  return isRead && visitWhole(text, root, taking);
}

function visitPart(value: string, place: Place, taking: Taking): boolean {
  if (place.isMeant) return taking.take(value, value);
  return startsJson.test(value) ? visitJson(value, place, taking) : taking.takeNamed(value);
}

function visitWhole(text: string, root: Place, taking: Taking): boolean {
  if (startsJson.test(text)) return visitJson(text, root, taking);
  return taking.takeNamed(text) && visitForm(text, root, taking);
}

function visitJson(text: string, root: Place, { take, takeNamed }: Taking): boolean {
  return visitLeaves(text, root, mostNodes, (place, raw) => {
    if (words.has(raw)) return true;
    if (!place.isMeant) return !raw.startsWith('"') || takeNamed(decodedString(raw));
    return take(raw.startsWith('"') ? raw.slice(1, raw.endsWith('"') ? -1 : undefined) : raw, decodedString(raw));
  });
}

/** Half of all texts say them. */
const words: ReadonlySet<string> = new Set(["true", "false", "null"]);

function visitForm(text: string, root: Place, { take }: Taking): boolean {
  const parts = text.split("&", mostNodes + 1);
  const isRead = parts.every((part) => {
    const split = part.indexOf("=");
    const isMeant = split >= 0 && root.member(decodedPart(part.slice(0, split))).isMeant;
    return !isMeant || take(part.slice(split + 1), decodedPart(part.slice(split + 1)));
  });
  return isRead && parts.length <= mostNodes;
}

/** As forms are read everywhere: what is no valid encoding stands for itself. */
function decodedPart(text: string): string {
  return new URLSearchParams(`x=${text.replaceAll("&", "%26")}`).get("x") ?? "";
}

/** As the policies read it. */
function textOf(bytes: Uint8Array, headers: HeaderList): string {
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get("content-type") ?? "")?.[1]?.toLowerCase();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (charset?.startsWith("utf-16") === true) return buffer.toString("utf16le");
  return buffer.toString(charset === "iso-8859-1" || charset === "latin1" ? "latin1" : "utf8");
}
