import { redactedMark } from "#model/redaction.ts";
import { type BodyPath, Place } from "./place.ts";
import { readCutJson } from "./cut-json.ts";
import type { QueryRedactor } from "./query-redaction.ts";

/** Members of JSON that are credentials wherever they stand: what endpoints for tokens and logins speak. */
const credentials: ReadonlySet<string> = new Set([
  "access_token",
  "api_key",
  "apiKey",
  "assertion",
  "client_assertion",
  "client_secret",
  "clientSecret",
  "code_verifier",
  "device_code",
  "id_token",
  "passwd",
  "password",
  "refresh_token",
  "subject_token",
]);
/** A name can be escaped: then it has to be read. */
const maybeCredential = new RegExp(String.raw`\\u|"(?:${[...credentials].join("|")})"`);

/** UTF-16 units of a form. */
const longest = 64 * 1024;

/**
 * Makes the function that takes values out of bodies before they are shown. JSON is written anew where something is
 * taken out of it: a value can be escaped in more ways than one could look for.
 */
export function createBodyRedactor(paths: readonly BodyPath[], query: QueryRedactor): (text: string) => string | null {
  const root = Place.root(paths);
  return (text) => {
    if (root.isMeant) return null;
    // Whatever it is called: what is no JSON may be read as a form by somebody.
    if (!/^\s*[[{]/.test(text)) return formWithout(query(text, "", longest), root);
    if (paths.length === 0 && !maybeCredential.test(text)) return text;
    const tree = readCutJson(text);
    if (tree === undefined) return null;
    const hits = [replaceCredentials(tree), replaceMeant(tree, root)];
    return hits.includes(true) ? JSON.stringify(tree) : text;
  };
}

/** @returns whether something was replaced */
function replaceCredentials(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  let hit = false;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    if (credentials.has(name)) {
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
