import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { GatewayError } from "#model/errors.ts";

/**
 * The socket that TLS runs over: the one that was accepted. Node keeps it under a name that it does not document, and
 * offers no other way from the one to the other; so a missing one is an error, and the connection ends.
 *
 * @throws GatewayError `internal`
 */
export function transportOf(socket: TLSSocket): Socket {
  const { _parent: transport } = socket as TLSSocket & { readonly _parent?: Socket };
  if (transport === undefined) throw new GatewayError("internal", 500, "TLS socket without its transport");
  return transport;
}
