import type { ClientHttp2Session } from "node:http2";

/** Native halves of sessions that are open or on their way out. */
const held: Set<unknown> = new Set();

/**
 * Keeps the native half of a session until the session has closed. The runtime lets go of it as soon as a fault ends the
 * session, while it still writes; when it is collected in between, the process ends (`current_nghttp2_memory_ == 0`). Any
 * peer that sends a flood of CONTINUATION frames over clear text can have that. @see RFC 9113 §6.10
 */
export function holdUntilClosed(session: ClientHttp2Session): void {
  let handle: unknown;
  session.once("connect", () => {
    handle = nativeHalf(session);
    held.add(handle);
  });
  session.once("close", () => held.delete(handle));
}

/** Undefined in a runtime that keeps it elsewhere. */
function nativeHalf(session: ClientHttp2Session): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === "kHandle");
  return key === undefined ? undefined : Reflect.get(session, key);
}
