import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";

/** Settings of a definition that say who may call or what is done, and so are the same everywhere. */
const neverDiffer: ReadonlySet<string> = new Set([
  "access",
  "apis",
  "approvals",
  "clientCertificates",
  "fragments",
  "identity",
  "operations",
  "policies",
  "products",
  "proxyProtocol",
  "subscriptions",
]);

/** Says that environments have no policies or access rules of their own; false where `key` is neither. */
export function refuseOverride(problems: Problems, key: string, at: SourcePosition): boolean {
  if (!neverDiffer.has(key)) return false;
  problems.error(
    "environment-policy",
    at,
    `an environment has no ${key} of its own: policies and who may call are the same in all of them`,
    "write what differs as {{name}} there; for one argument of a policy, for a while, there are exceptions",
  );
  return true;
}
