import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { maxProxyHeader, type ProxiedPeer, readProxyHeader } from "./proxy-header.ts";

/** What becomes of a connection whose proxy has to say first who the client is. Exactly one is called, once, or none when it ends. */
export interface ProxyOutcome {
  readonly taken: (peer: ProxiedPeer | null) => void;
  readonly refused: (why: string) => void;
}

/**
 * Reads the PROXY header off the beginning of a connection; what has come behind it stays on the socket for whoever
 * reads next. Before TLS, and before anything of the client's is believed.
 *
 * @param timeoutMs for the whole header
 */
export function takeProxyHeader(socket: Socket, timeoutMs: number, outcome: ProxyOutcome): void {
  let held: Buffer = Buffer.alloc(0);
  const refuse = (why: string): void => {
    stop();
    outcome.refused(why);
  };
  const timer = setTimeout(() => refuse("no PROXY header in time"), timeoutMs).unref();
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const header = readProxyHeader(held);
    if (header.kind === "malformed") return refuse(header.why);
    if (header.kind === "more")
      return held.length > maxProxyHeader ? refuse("the PROXY header is too long") : undefined;
    stop();
    if (held.length > header.length) socket.unshift(held.subarray(header.length));
    return outcome.taken(header.peer);
  };
  const stop = (): void => {
    clearTimeout(timer);
    socket.off("readable", onReadable);
    socket.off("close", stop);
    socket.off("error", ignore);
  };
  socket.on("readable", onReadable);
  socket.on("close", stop);
  socket.on("error", ignore);
}

function ignore(): void {}
