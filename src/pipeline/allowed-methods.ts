import type { RouteNode } from "#model/snapshot.ts";
import { fitsPattern } from "./segment-pattern.ts";
import { type Sent, versionWanted } from "./version-wanted.ts";

/** Every method that some template takes at this path, sorted: for `Allow`. The cost has the bound of a match. */
export function allowedMethods(roots: readonly RouteNode[], path: string, sent: Sent): readonly string[] {
  const methods = new Set<string>();
  for (const root of roots) collect(root, { path, sent }, 1, methods);
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].toSorted();
}

interface Asked {
  readonly path: string;
  readonly sent: Sent;
}

function collect(node: RouteNode, asked: Asked, at: number, into: Set<string>): void {
  const { path, sent } = asked;
  const version = node.versions && versionWanted(node.versions, sent);
  if (version !== null) collect(version, asked, at, into);
  if (at > path.length) {
    add(node.methods, into);
  } else {
    const found = path.indexOf("/", at);
    const end = found < 0 ? path.length : found;
    const segment = path.slice(at, end);
    const child = node.literals?.get(segment);
    if (child !== undefined) collect(child, asked, end + 1, into);
    for (const pattern of node.patterns ?? []) {
      if (fitsPattern(pattern, segment)) collect(pattern.node, asked, end + 1, into);
    }
    if (node.parameter !== null && end > at) collect(node.parameter.node, asked, end + 1, into);
  }
  add(node.rest?.methods ?? null, into);
}

function add(methods: ReadonlyMap<string, number> | null, into: Set<string>): void {
  for (const method of methods?.keys() ?? []) into.add(method);
}
