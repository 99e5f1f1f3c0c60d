import { Buffer } from "node:buffer";

/** Larger bodies are not looked into: what a text repeats of them is taken out by patterns alone. */
const mostBytes = 1024 * 1024;
const mostNodes = 50_000;
/** Shorter ones would blot out half of a text. */
const shortest = 3;

/** `card.number`: names of members from the outside in; `*` is any one, `**` any number of them. */
export type BodyPath = readonly string[];

export function parseBodyPath(text: string): BodyPath {
  return text.split(".");
}

/** Values at these places of a body that is JSON or a form, as texts. Bounded work, whatever the body holds. */
export function bodyValues(bytes: Uint8Array, paths: readonly BodyPath[]): readonly string[] {
  if (bytes.byteLength > mostBytes || paths.length === 0) return [];
  const found = new Set<string>();
  const search = { left: mostNodes, found };
  const body = read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  for (const path of paths) walk(body, path, 0, search);
  return [...found];
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const form = new URLSearchParams(text);
    return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
  }
}

interface Search {
  left: number;
  readonly found: Set<string>;
}

function walk(value: unknown, path: BodyPath, at: number, search: Search): void {
  if ((search.left -= 1) < 0) return;
  if (at === path.length) return take(value, search);
  const step = path[at] as string;
  if (step === "**") walk(value, path, at + 1, search);
  if (typeof value !== "object" || value === null) return;
  // Elements of a list are where its name is: `cards.number` is of each card.
  if (Array.isArray(value)) {
    for (const one of value) walk(one, path, step === "*" ? at + 1 : at, search);
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    if (step === "**") walk(inner, path, at, search);
    else if (step === "*" || step === name) walk(inner, path, at + 1, search);
  }
}

/** All that stands below a place is meant by it. */
function take(value: unknown, search: Search): void {
  if ((search.left -= 1) < 0) return;
  if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) take(inner, search);
  else if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    if (text.length < shortest) return;
    search.found.add(text);
    // As it stands inside of JSON and of a form.
    search.found.add(JSON.stringify(text).slice(1, -1));
    search.found.add(encodeURIComponent(text));
  }
}
