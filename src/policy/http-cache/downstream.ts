import type { PolicyNode } from "#model/policy-tree.ts";
import { literalText, requiredValue } from "#policy/arguments.ts";

/** What the policy writes into `Cache-Control` for the client, by the time that is left; null: what the response says. */
export function downstreamRule(node: PolicyNode): ((lifetimeMs: number) => string) | null {
  const kind = literalText(node, "downstreamCaching");
  if (kind === undefined) return null;
  if (kind === "none") return () => "no-store";
  const must = requiredValue(node, "mustRevalidate");
  const suffix = must.kind === "literal" && must.value === true ? ", must-revalidate" : "";
  return (lifetimeMs) => `${kind}, max-age=${Math.max(0, Math.floor(lifetimeMs / 1000))}${suffix}`;
}
