import { GatewayError } from "#model/errors.ts";

/** Names were checked with the definition, so this is a bug. */
export function noSuchSchema(): GatewayError {
  return new GatewayError("definition-invalid", 500, "validate-content: there is no such schema");
}
