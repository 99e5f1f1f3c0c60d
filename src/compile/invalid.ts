import { GatewayError } from "#model/errors.ts";

/** For what the reader of the definition should have reported: the snapshot is not made, and the old one goes on. */
export function invalid(message: string): GatewayError {
  return new GatewayError("definition-invalid", 500, message);
}
