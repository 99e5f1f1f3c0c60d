import { join, sep } from "node:path";
import { type Hidden, isHidden } from "./hidden.ts";

/** A place below the root: decoded names, none of which leads anywhere else. */
export interface SitePath {
  readonly names: readonly string[];
  /** Ends with a slash: a folder is meant. */
  readonly folder: boolean;
}

/** Devices of Windows, whatever their extension. */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Reads the path of a request (percent-encoded, normalised by the edge; a policy may have rewritten it). Looked at
 * again as if nobody had: a name that is a dot-segment, holds a separator or a control character leads nowhere.
 * @returns undefined for a path that names no file
 */
export function readSitePath(path: string): SitePath | undefined {
  const names: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "") continue;
    const name = decode(segment);
    if (name === undefined || !isName(name)) return undefined;
    names.push(name);
  }
  return { names, folder: path.endsWith("/") };
}

/** What `tryFiles` makes of a path: `{path}.html`, `{path}/`, `/index.html`. */
export function fillCandidate(candidate: string, path: SitePath): SitePath | undefined {
  const whole = candidate.replace("{path}", () => `/${path.names.join("/")}${path.folder ? "/" : ""}`);
  const names = whole.split("/").filter((name) => name !== "");
  return names.every(isName) ? { names, folder: whole.endsWith("/") } : undefined;
}

/** The file that a path names, or undefined when it is to be hidden. */
export function fileOf(root: string, { names }: SitePath, hidden: Hidden): string | undefined {
  return isHidden(names, hidden) ? undefined : join(root, ...names);
}

function isName(name: string): boolean {
  if (name === "." || name === "..") return false;
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code < 0x20 || code === 0x7f || code === 0x2f || code === 0x5c) return false;
  }
  return sep === "/" || isWindowsName(name);
}

/** Streams (`a:b`), devices, short names, and names that Windows would trim into other ones. */
export function isWindowsName(name: string): boolean {
  return !/[:*?"<>|]/.test(name) && !/[. ]$/.test(name) && !/~\d/.test(name) && !device.test(name);
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
