import type { PolicyDocument, PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { ScopedPolicy } from "#model/snapshot.ts";
import { invalid } from "./invalid.ts";

/** One scope's policies. */
export interface Layer {
  readonly scope: Scope;
  readonly document: PolicyDocument;
}

/** The scopes of one chain, broad to narrow. `product`: null for a request in no product. */
export function layersOf(
  global: PolicyDocument,
  product: PolicyDocument | null,
  api: PolicyDocument,
  operation: PolicyDocument,
): readonly Layer[] {
  return [
    { scope: "global", document: global },
    ...(product === null ? [] : [{ scope: "product", document: product } as const]),
    { scope: "api", document: api },
    { scope: "operation", document: operation },
  ];
}

/** What the backend section of the broadest scope does when nobody wrote one. */
export const implicitForward: PolicyNode = {
  name: "forward-request",
  at: { file: "built in", line: 1, column: 1 },
  args: {},
};

/**
 * What runs of a section, `base` resolved.
 * @param layers broad to narrow
 */
export function resolveSection(layers: readonly Layer[], section: Section): readonly ScopedPolicy[] {
  const into = expandSection(layers, section);
  return section === "backend" ? simplifyBackend(into) : into;
}

/** The same, a backend section with its {@link implicitForward}, which may also be the only one or be missing. */
export function expandSection(layers: readonly Layer[], section: Section): readonly ScopedPolicy[] {
  const into: ScopedPolicy[] = [];
  expand(layers, layers.length - 1, section, into);
  return into;
}

/** A missing section means `base` only, at the broadest scope too: beyond it only the backend section has something. */
function expand(layers: readonly Layer[], depth: number, section: Section, into: ScopedPolicy[]): void {
  const layer = layers[depth];
  if (layer === undefined) {
    if (section === "backend") into.push({ scope: "global", node: implicitForward });
    return;
  }
  const policies = layer.document[section];
  if (policies === undefined) return expand(layers, depth - 1, section, into);
  for (const node of policies) {
    if (node.name === "base") expand(layers, depth - 1, section, into);
    else into.push({ scope: layer.scope, node });
  }
}

/**
 * An empty backend section in a chain means: just forward. So a written one that ends up empty, whose author cut
 * forwarding off, must not come out as empty.
 */
function simplifyBackend(policies: readonly ScopedPolicy[]): readonly ScopedPolicy[] {
  if (policies.length === 0) {
    throw invalid("a backend section without any policy never calls the backend: write forward-request or base");
  }
  return policies.length === 1 && policies[0]?.node === implicitForward ? [] : policies;
}
