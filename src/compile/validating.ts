import { validatingPolicies } from "#model/operation-description.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import type { Chain } from "#model/snapshot.ts";

/** Whether a chain holds messages to their description anywhere, so that workers need it. */
export function validates({ inbound, backend, outbound, onError }: Chain): boolean {
  return [inbound, backend, outbound, onError].some((section) => section.some(({ node }) => isValidating(node)));
}

function isValidating({ name, args }: PolicyNode): boolean {
  return validatingPolicies.has(name) || Object.values(args).some(holdsValidating);
}

function holdsValidating(argument: Argument): boolean {
  if (argument.kind === "policies") return argument.policies.some(isValidating);
  if (argument.kind === "list") return argument.items.some(holdsValidating);
  return argument.kind === "map" && Object.values(argument.entries).some(holdsValidating);
}
