import type { Scope } from "#model/policy-tree.ts";

/** A policy document as it was found. */
export interface PolicyDocumentFile {
  /** As messages name it. */
  readonly path: string;
  readonly text: string;
  /** Where it belongs, when its place in an APIOps folder says so; null otherwise. */
  readonly scope: Scope | null;
}

const before = /^\ufeff?(?:\s+|<!--[\s\S]*?-->|<\?[\s\S]*?\?>)*<([A-Za-z_][\w:.-]*)/;

/** Whether a text is a policy document and not some other XML, by its first element. */
export function isPolicyDocument(text: string): boolean {
  const [, root] = before.exec(text) ?? [];
  return root === "policies" || root === "fragment";
}

/**
 * The scope that a document has by its place in an APIOps folder.
 * @param path relative to the folder, with `/`
 */
export function scopeOfPath(path: string): Scope | null {
  if (path === "policy.xml") return "global";
  if (/^apis\/[^/]+\/policy\.xml$/.test(path)) return "api";
  if (/^apis\/[^/]+\/operations\/[^/]+\/policy\.xml$/.test(path)) return "operation";
  return /^products\/[^/]+\/policy\.xml$/.test(path) ? "product" : null;
}
