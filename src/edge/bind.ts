import type { Server } from "node:net";
import type { ListenPlace, ListenSocket } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import { placeText } from "#model/listen-place.ts";

/**
 * Binds one address; port 0 becomes the port that the system chose. A Unix socket is bound already, because its
 * workers share it: its descriptor becomes the server's.
 *
 * @throws GatewayError `port-in-use`, `internal` for a socket without descriptor
 */
export async function bind(server: Server, place: ListenPlace, reusePort: boolean): Promise<ListenPlace> {
  // A worker's listener is its own: `exclusive` keeps cluster and other workers out of it.
  const options = "path" in place ? { fd: descriptorOf(place) } : { ...place, reusePort, exclusive: true };
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => {
      const message = `cannot listen on ${placeText(place)}: ${cause.code ?? cause.message}`;
      reject(new GatewayError("port-in-use", 500, message, { cause }));
    };
    server.once("error", failed);
    server.listen(options, () => {
      server.off("error", failed);
      resolve();
    });
  });
  const bound = server.address();
  return "path" in place || typeof bound !== "object" || bound === null ? place : { ...place, port: bound.port };
}

function descriptorOf({ path, fd }: ListenSocket): number {
  if (fd === undefined) throw new GatewayError("internal", 500, `the socket ${path} is not bound yet`);
  return fd;
}
