import { redactedMark } from "#model/redaction.ts";
import { type BodyPath, parseBodyPath } from "./place.ts";
import { readCutJson } from "./cut-json.ts";
import type { QueryRedactor } from "./query-redaction.ts";

/** Members of JSON that are credentials wherever they stand: what endpoints for tokens and logins speak. */
const credentials: readonly BodyPath[] = [
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
].map((name) => parseBodyPath(`**.${name}`));

/** UTF-16 units of a form. */
const longest = 64 * 1024;

/**
 * Makes the function that takes values out of bodies before they are shown. JSON is written anew where something is
 * taken out of it: a value can be escaped in more ways than one could look for.
 */
export function createBodyRedactor(
  paths: readonly BodyPath[],
  query: QueryRedactor,
): (text: string, type: string) => string | null {
  const all = [...credentials, ...paths];
  return (text, type) => {
    if (type.startsWith("application/x-www-form-urlencoded")) return formWithout(query(text, "", longest), paths);
    if (!/^\s*[[{]/.test(text) && !/[/+]json\b/.test(type)) return text;
    const tree = readCutJson(text);
    if (tree === undefined) return null;
    const hits = all.map((path) => replace(tree, path, 0)).filter(Boolean).length;
    return hits === 0 ? text : JSON.stringify(tree);
  };
}

/** @returns whether something was replaced */
function replace(value: unknown, path: BodyPath, at: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  const step = path[at] as string;
  const isLast = at === path.length - 1;
  const members = value as Record<string, unknown>;
  // None of the names that `**` may stand for.
  let hit = step === "**" && !isLast && replace(value, path, at + 1);
  for (const name of Object.keys(members)) {
    const isMeant = step === "*" || step === "**" || (step === name && !Array.isArray(value));
    if (isMeant && isLast) {
      // All that stands below a place is meant by it.
      members[name] = redactedMark;
      hit = true;
      continue;
    }
    // Elements of a list are where its name is.
    if (step === "**" || (Array.isArray(value) && !isMeant)) hit = replace(members[name], path, at) || hit;
    else if (isMeant) hit = replace(members[name], path, at + 1) || hit;
  }
  return hit;
}

/** Names of a form stand side by side: of a path only one of a single name, behind any number of others, is meant. */
function formWithout(text: string, paths: readonly BodyPath[]): string {
  const names = new Set(
    paths
      .filter((path) => path.every((step, at) => at === path.length - 1 || step === "**"))
      .map((path) => path.at(-1)),
  );
  return text
    .split("&")
    .map((part) => {
      const at = part.indexOf("=");
      return at >= 0 && (names.has(decoded(part.slice(0, at))) || names.has("*"))
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
