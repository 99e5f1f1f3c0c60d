import type { RouteNode } from "#model/snapshot.ts";
import { invalid } from "./invalid.ts";
import type { TemplateSegment } from "./template.ts";

/** A {@link RouteNode} while it is being built. */
interface GrowingNode {
  literals: Map<string, GrowingNode> | null;
  patterns: GrowingPattern[] | null;
  parameter: { readonly name: string; readonly node: GrowingNode } | null;
  rest: { readonly name: string; readonly methods: Map<string, number> } | null;
  methods: Map<string, number> | null;
  versions: GrowingVersions | null;
}

interface GrowingPattern {
  readonly texts: readonly string[];
  readonly names: readonly string[];
  readonly node: GrowingNode;
}

interface GrowingVersions {
  readonly by: "header" | "query";
  readonly parameter: string;
  readonly nodes: Map<string, GrowingNode>;
  fallback: GrowingNode | null;
}

export interface TrieEntry {
  readonly id: number;
  /** The route that is tried first of those at this place, which queries tell apart: mostly itself. */
  readonly first: number;
  readonly method: string;
  /** As written, for messages. */
  readonly template: string;
  readonly segments: readonly TemplateSegment[];
  /** The template is `/`: the API's path counts with and without a trailing slash. */
  readonly apiRoot: boolean;
  /** Where the API's own path ends, a request's version decides; null: not so. */
  readonly version: VersionStep | null;
}

export interface VersionStep {
  readonly by: "header" | "query";
  readonly parameter: string;
  /** Null: no version is asked for. */
  readonly name: string | null;
  /** Segments before it. */
  readonly depth: number;
}

/**
 * One trie over path segments.
 * @throws GatewayError `definition-invalid` when two entries have the same place and method: one of the two would be
 * unreachable, and its policies with it.
 */
export function buildTrie(entries: readonly TrieEntry[]): RouteNode {
  const root = emptyNode();
  for (const entry of entries) insert(root, entry);
  return root;
}

function insert(root: GrowingNode, entry: TrieEntry): void {
  let node = root;
  for (const [depth, segment] of entry.segments.entries()) {
    if (depth === entry.version?.depth) node = versionChild(node, entry.version, entry);
    if (segment.kind === "rest") {
      node.rest ??= { name: segment.name, methods: new Map() };
      claim(node.rest.methods, entry);
      return;
    }
    node = childOf(node, segment);
  }
  if (entry.version?.depth === entry.segments.length) node = versionChild(node, entry.version, entry);
  claim((node.methods ??= new Map()), entry);
  if (entry.apiRoot) claim((literalChild(node, "").methods ??= new Map()), entry);
}

function childOf(node: GrowingNode, segment: Exclude<TemplateSegment, { kind: "rest" }>): GrowingNode {
  if (segment.kind === "literal") return literalChild(node, segment.text);
  return segment.kind === "pattern" ? patternChild(node, segment) : parameterChild(node, segment.name);
}

/** Names do not tell patterns apart: the same texts match the same segments. */
function patternChild(node: GrowingNode, { texts, names }: Omit<GrowingPattern, "node">): GrowingNode {
  node.patterns ??= [];
  const key = texts.join("/");
  const same = node.patterns.find((pattern) => pattern.texts.join("/") === key);
  if (same !== undefined) return same.node;
  const pattern = { texts, names, node: emptyNode() };
  node.patterns = [...node.patterns, pattern].toSorted(bySpecificity);
  return pattern.node;
}

/** Most text first; then those with fewer holes; then by their text, so that the order of the definition is nothing. */
function bySpecificity(a: GrowingPattern, b: GrowingPattern): number {
  const [left, right] = [a.texts.join("/"), b.texts.join("/")];
  const holes = a.names.length - b.names.length;
  const characters = right.length - b.names.length - (left.length - a.names.length);
  return characters || holes || (left < right ? -1 : 1);
}

function literalChild(node: GrowingNode, text: string): GrowingNode {
  node.literals ??= new Map();
  let child = node.literals.get(text);
  if (child === undefined) node.literals.set(text, (child = emptyNode()));
  return child;
}

function parameterChild(node: GrowingNode, name: string): GrowingNode {
  node.parameter ??= { name, node: emptyNode() };
  return node.parameter.node;
}

function versionChild(node: GrowingNode, { by, parameter, name }: VersionStep, { template }: TrieEntry): GrowingNode {
  node.versions ??= { by, parameter, nodes: new Map(), fallback: null };
  const { versions } = node;
  if (versions.by !== by || versions.parameter !== parameter) {
    throw invalid(`at ${template} two version sets say differently which version is wanted`);
  }
  if (name === null) return (versions.fallback ??= emptyNode());
  let child = versions.nodes.get(name);
  if (child === undefined) versions.nodes.set(name, (child = emptyNode()));
  return child;
}

function claim(methods: Map<string, number>, entry: TrieEntry): void {
  const other = methods.get(entry.method);
  if (other !== undefined && other !== entry.first) throw invalid(`${entry.method} ${entry.template} is there twice`);
  methods.set(entry.method, entry.first);
}

function emptyNode(): GrowingNode {
  return { literals: null, patterns: null, parameter: null, rest: null, methods: null, versions: null };
}
