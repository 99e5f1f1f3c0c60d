import { createServer } from "node:net";
import type { ListenAddress } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";

/**
 * A plain bind of an address before the workers share it: with `reusePort` a second gateway would otherwise bind
 * silently and take half of the traffic. Port 0 becomes the port that the system chose.
 *
 * @throws GatewayError `port-in-use`
 */
export async function probePort(address: ListenAddress): Promise<ListenAddress> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: address.host, port: address.port, exclusive: true }, resolve);
    });
  } catch (cause) {
    throw bindError(address, cause as NodeJS.ErrnoException);
  }
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return { host: address.host, port: typeof bound === "object" && bound !== null ? bound.port : address.port };
}

function bindError({ host, port }: ListenAddress, cause: NodeJS.ErrnoException): GatewayError {
  const reason =
    cause.code === "EADDRINUSE"
      ? "another process listens there"
      : cause.code === "EACCES"
        ? "ports below 1024 need a privilege"
        : (cause.code ?? cause.message);
  return new GatewayError("port-in-use", 500, `cannot listen on ${host}:${port}: ${reason}`, { cause });
}
