import type { PolicyDocument, Scope } from "#model/policy-tree.ts";
import { readPolicies } from "#notation/yaml-policies.ts";
import type { Shape } from "./shape.ts";

/** Scopes that a definition has. */
export type PolicyScope = Exclude<Scope, "workspace">;

export const policyScopes: readonly PolicyScope[] = ["global", "product", "api", "operation"];

/** The policies of one scope. */
export function policies(scope: PolicyScope): Shape<PolicyDocument> {
  return {
    schema: { $ref: `#/$defs/policies-${scope}` },
    read: (reading, slot) => readPolicies(reading, slot, scope),
  };
}
