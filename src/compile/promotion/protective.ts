import type { Argument, PolicyNode } from "#model/policy-tree.ts";

/** Policies that are there to refuse, or to bound what is let through. */
const protective: ReadonlySet<string> = new Set([
  "check-header",
  "cors",
  "forward-auth",
  "ip-filter",
  "limit-concurrency",
  "llm-content-safety",
  "quota",
  "quota-by-key",
  "rate-limit",
  "rate-limit-by-key",
  "return-response",
  "validate-azure-ad-token",
  "validate-basic",
  "validate-client-certificate",
  "validate-content",
  "validate-graphql-request",
  "validate-headers",
  "validate-jwt",
  "validate-odata-request",
  "validate-parameters",
  "validate-status-code",
]);

/** It is one, or one stands in it: then the condition that it stands under protects as well. */
export function isProtective({ name, args }: PolicyNode): boolean {
  return protective.has(name) || Object.values(args).some(holds);
}

function holds(argument: Argument): boolean {
  if (argument.kind === "policies") return argument.policies.some(isProtective);
  if (argument.kind === "list") return argument.items.some(holds);
  return argument.kind === "map" && Object.values(argument.entries).some(holds);
}
