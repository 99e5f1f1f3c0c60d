import type { Socket } from "node:net";

/** How long what a client still sends is read and thrown away after the last response. */
const lingerMs = 1000;

/**
 * Ends the writing side now, and the whole connection when the client ends or the time is over: a socket that is closed
 * with unread input answers with a reset, and the reset can overtake the response that says why.
 *
 * @see RFC 9112 §9.6
 */
export function endAfterLinger(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.writable) socket.end();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
  socket.once("end", () => socket.destroy());
}
