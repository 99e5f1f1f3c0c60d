import { GatewayError } from "#model/errors.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { PolicyPorts } from "#policy/context.ts";

/** @throws GatewayError `definition-invalid`: that there is one was checked with the definition */
export function sidecarUrl({ name }: PolicyNode, { messaging }: PolicyPorts): string {
  if (messaging.daprUrl !== null) return messaging.daprUrl;
  throw new GatewayError("definition-invalid", 500, `${name}: there is no Dapr sidecar`);
}
