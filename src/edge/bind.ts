import type { Server } from "node:net";
import type { ListenAddress } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";

/**
 * Binds one address; port 0 becomes the port that the system chose.
 *
 * @throws GatewayError `port-in-use`
 */
export async function bind(server: Server, { host, port }: ListenAddress, reusePort: boolean): Promise<ListenAddress> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const message = `cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`;
      reject(new GatewayError("port-in-use", 500, message, { cause }));
    };
    server.once("error", failed);
    // A worker's listener is its own: `exclusive` keeps cluster and other workers out of it.
    server.listen({ host, port, reusePort, exclusive: true }, () => {
      server.off("error", failed);
      resolve();
    });
  });
  const bound = server.address();
  return { host, port: typeof bound === "object" && bound !== null ? bound.port : port };
}
