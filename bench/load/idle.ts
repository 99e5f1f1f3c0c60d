import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";

export interface Idle {
  readonly port: number;
  /** PEM of the authority. */
  readonly ca: string;
  readonly path: string;
  readonly connections: number;
}

/** Handshakes under way: more would only wait for each other. */
const atOnce = 32;

/**
 * Opens connections that stay open, each with one request that was answered.
 * @returns how many there are @throws Error when one fails
 */
export async function openIdle(idle: Idle): Promise<number> {
  const context = createSecureContext({ ca: idle.ca });
  const open: TLSSocket[] = [];
  let left = idle.connections;
  const openSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      open.push(await openOne(idle, context));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openSome));
  return open.filter(({ destroyed }) => !destroyed).length;
}

function openOne({ port, path }: Idle, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const to = { host: "127.0.0.1", port, servername: "localhost", ALPNProtocols: ["http/1.1"] };
    const socket = connect({ ...to, secureContext }, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
    );
    socket.once("data", (answer: Buffer) => {
      if (answer.toString("latin1", 9, 12) === "200") resolve(socket);
      else reject(new Error(answer.toString("latin1", 0, 200)));
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}
