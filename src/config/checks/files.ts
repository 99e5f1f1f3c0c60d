import type { Parsed } from "#config/shapes/text.ts";

const separator = /[/\\]/;

/** The name of one file, without a folder. */
export function parseFileName(text: string): Parsed<string> {
  if (text !== "" && text !== "." && text !== ".." && !separator.test(text)) return { value: text };
  return { problem: `${text} is not the name of a file`, fix: "write index.html" };
}

/** A path to try: `{path}` with something before or behind it, or a path of its own. */
export function parseCandidate(text: string): Parsed<string> {
  const rest = text.replace("{path}", "");
  const rooted = text.startsWith("/") || text.startsWith("{path}");
  if (rooted && !/[{}\\]/.test(rest) && !climbs(text)) return { value: text };
  return { problem: `${text} is not a path to try`, fix: 'write "{path}", "{path}.html", "{path}/" or /index.html' };
}

/** A file below the root. */
export function parseSitePage(text: string): Parsed<string> {
  if (/^\/[^{}\\?#%]*[^{}\\?#%/]$/.test(text) && !climbs(text)) return { value: text };
  return { problem: `${text} is not the path of a file below the root`, fix: "write /404.html" };
}

/** A name, or with a slash in it a path from the root. */
export function parsePattern(text: string): Parsed<string> {
  if (!text.includes("\\") && !climbs(text) && /[^/]/.test(text)) return { value: text };
  return { problem: `${text} is not the name of a file`, fix: 'write "*.bak", or private/ for a folder of the root' };
}

function climbs(path: string): boolean {
  return path.split("/").some((segment) => segment === ".." || segment === ".");
}
