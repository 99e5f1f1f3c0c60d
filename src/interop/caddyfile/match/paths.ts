import { celText, either } from "#interop/caddyfile/words/cel.ts";
import { encodedPath, literalPattern } from "#interop/caddyfile/words/regexp.ts";
import { isPlain, literal, textToCel } from "#interop/caddyfile/words/text.ts";
import type { MatchContext } from "./matcher.ts";

/** Longest pattern that CEL takes, less what stands around it. */
const longest = 480;

/** Any of these paths: Caddy does not look at case, and `*` is a prefix, a suffix, or a glob within a segment. */
export function pathCondition(
  patterns: readonly string[],
  context: MatchContext,
  subject: string = "request.sentPath",
): string {
  const computed = patterns.filter((pattern) => !isPlain(pattern));
  const written = patterns.filter(isPlain).map(literal);
  if (written.some((pattern) => pattern === "*" || pattern === "/*")) return "true";
  const parts = written.map((pattern) => pathPattern(encodedPath(pattern)));
  const groups: string[][] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (last !== undefined && last.join("|").length + part.length < longest) last.push(part);
    else groups.push([part]);
  }
  const conditions = groups.map((group) => {
    const [only] = group;
    const pattern = group.length === 1 ? (only as string) : `(?:${group.join("|")})`;
    return `${subject}.matches(${celText(`(?i)^${pattern}`)})`;
  });
  return either([...conditions, ...computed.map((pattern) => computedPath(pattern, context, subject))]);
}

function computedPath(pattern: string, { names }: MatchContext, subject: string): string {
  const prefix = pattern.endsWith("*");
  const text = textToCel(prefix ? pattern.slice(0, -1) : pattern, names);
  return prefix ? `${subject}.startsWith(${text})` : `${subject} == ${text}`;
}

/** @returns RE2, without the anchor at its start */
function pathPattern(pattern: string): string {
  const inner = pattern.slice(1, -1);
  if (pattern.startsWith("*") && pattern.endsWith("*") && pattern.length > 1 && !inner.includes("*")) {
    return `.*${literalPattern(inner)}`;
  }
  if (pattern.startsWith("*") && !pattern.slice(1).includes("*")) return `.*${literalPattern(pattern.slice(1))}$`;
  if (pattern.endsWith("*") && !pattern.slice(0, -1).includes("*")) return literalPattern(pattern.slice(0, -1));
  return `${pattern.split("*").map(literalPattern).join("[^/]*").replaceAll("\\?", "[^/]")}$`;
}

/** Caddy's wildcard for hosts is one label. */
export function hostCondition(hosts: readonly string[], { names }: MatchContext): string {
  const written = hosts.filter((host) => isPlain(host)).map((host) => host.toLowerCase());
  const exact = written.filter((host) => !host.includes("*"));
  const patterns = written
    .filter((host) => host.includes("*"))
    .map((host) => `request.host.matches(${celText(`^${host.split("*").map(literalPattern).join("[^.]+")}$`)})`);
  const computed = hosts.filter((host) => !isPlain(host)).map((host) => `request.host == ${textToCel(host, names)}`);
  const list = exact.map(celText);
  const named =
    list.length === 0
      ? []
      : [list.length === 1 ? `request.host == ${list[0] ?? ""}` : `request.host in [${list.join(", ")}]`];
  return either([...named, ...patterns, ...computed]);
}

/** A value with `*` at its start, its end, or both; alone it is any. */
export function valueCondition(subject: string, value: string, { names }: MatchContext): string {
  if (value === "*") return "true";
  const [starts, ends] = [value.startsWith("*"), value.endsWith("*")];
  const text = textToCel(value.slice(starts ? 1 : 0, ends ? -1 : undefined), names);
  if (starts && ends) return `${subject}.contains(${text})`;
  if (starts) return `${subject}.endsWith(${text})`;
  return ends ? `${subject}.startsWith(${text})` : `${subject} == ${text}`;
}
