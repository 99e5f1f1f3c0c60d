import { redactedMark } from "#model/redaction.ts";
import { namedValues } from "./named-values.ts";
import { type BodyPath, lastNames, Place } from "./place.ts";
import { readCutJson } from "./cut-json.ts";
import { type FormPart, formParts } from "./form-parts.ts";
import type { QueryRedactor } from "./query-redaction.ts";

/**
 * Members of JSON that are credentials wherever they stand: what endpoints for tokens and logins speak. Lower case and
 * without what some put between words: `access_token`, `accessToken` and `Access-Token` are one name.
 */
const credentials: ReadonlySet<string> = new Set([
  "accesstoken",
  "apikey",
  "assertion",
  "clientassertion",
  "clientsecret",
  "codeverifier",
  "devicecode",
  "idtoken",
  "passwd",
  "password",
  "refreshtoken",
  "subjecttoken",
]);
/** A name can be escaped: then it has to be read. */
const maybeCredential = /\\u|(?:token|key|assertion|secret|verifier|code|passwd|password)(?:\\*"|\s*:)/i;

function isCredential(name: string): boolean {
  return credentials.has(name.toLowerCase().replaceAll(/[-_]/g, ""));
}

/** UTF-16 units of a form. */
const longest = 64 * 1024;

/**
 * Makes the function that takes values out of bodies before they are shown. JSON is written anew where something is
 * taken out of it: a value can be escaped in more ways than one could look for.
 */
export function createBodyRedactor(paths: readonly BodyPath[], query: QueryRedactor): (text: string) => string | null {
  const root = Place.root(paths);
  const names = lastNames(paths);
  const isNamed = (name: string): boolean => names.has(name) || isCredential(name);
  const redact = (text: string): string | null => {
    if (root.isMeant) return null;
    if (/^\s*</.test(text)) return namesAny(text, names) ? null : text;
    // Whatever it is called: what is no JSON may be read as a form by somebody.
    if (!/^\s*[[{]/.test(text)) {
      const rest = partsWithout(text, formParts(text));
      return rest === null ? null : formWithout(query(rest, "", longest), root);
    }
    if (paths.length === 0 && !maybeCredential.test(text)) return text;
    const tree = readCutJson(text);
    if (tree === undefined) return null;
    const hits = [replaceCredentials(tree), replaceMeant(tree, root), replaceNaming(tree, isNamed)];
    return hits.includes(true) ? JSON.stringify(tree) : text;
  };
  const partsWithout = (text: string, parts: readonly FormPart[]): string | null => {
    let written = "";
    let end = 0;
    for (const { name, from, to } of parts) {
      const value = text.slice(from, to);
      const isHidden =
        isCredential(name) || root.member(name).isMeant || query(`${name}=`, "", longest).length > name.length + 1;
      const shown = isHidden ? redactedMark : /^\s*[[{<]/.test(value) ? redact(value) : value;
      if (shown === null) return null;
      written += text.slice(end, from) + shown;
      end = to;
    }
    return written + text.slice(end);
  };
  return redact;
}

/** Names of elements and attributes. */
const markupNames = /[<\s:]([\p{L}_][\p{L}\p{N}_.-]*)(?=[\s=/>])/gu;

/** Markup is not looked into: whether it has a name that a place ends with, or that of a credential. */
function namesAny(text: string, last: ReadonlySet<string>): boolean {
  if (last.has("*") || last.has("**")) return true;
  return text.matchAll(markupNames).some(([, name = ""]) => last.has(name) || isCredential(name));
}

/** @returns whether something was replaced */
function replaceCredentials(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  let hit = false;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (isCredential(name)) {
      members[name] = redactedMark;
      hit = true;
    } else hit = replaceCredentials(members[name]) || hit;
  }
  return hit;
}

/** @returns whether something was replaced */
function replaceMeant(value: unknown, place: Place): boolean {
  if (typeof value !== "object" || value === null) return false;
  let hit = false;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const inner = Array.isArray(value) ? place.element() : place.member(name);
    if (inner.isMeant) {
      members[name] = redactedMark;
      hit = true;
    } else hit = replaceMeant(members[name], inner) || hit;
  }
  return hit;
}

/** Texts that are JSON or GraphQL themselves, and name such a thing. @returns whether something was replaced */
function replaceNaming(value: unknown, isNamed: (name: string) => boolean): boolean {
  if (typeof value !== "object" || value === null) return false;
  let hit = false;
  const members = value as Record<string, unknown>;
  for (const [name, member] of Object.entries(members)) {
    if (typeof member !== "string") hit = replaceNaming(member, isNamed) || hit;
    else if (namedValues(member, isNamed).length > 0) {
      members[name] = redactedMark;
      hit = true;
    }
  }
  return hit;
}

function formWithout(text: string, root: Place): string {
  return text
    .split("&")
    .map((part) => {
      const at = part.indexOf("=");
      return at >= 0 && root.member(decoded(part.slice(0, at))).isMeant
        ? `${part.slice(0, at + 1)}${redactedMark}`
        : part;
    })
    .join("&");
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch {
    return name;
  }
}
