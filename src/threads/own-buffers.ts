/** Buffers that can go to another thread without being copied: of the bytes itself, or of `body`, where nobody shares them. */
export function buffersIn(message: unknown): ArrayBuffer[] {
  if (message instanceof Uint8Array) {
    const { buffer, byteLength } = message;
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
  }
  return typeof message === "object" && message !== null ? buffersIn(Reflect.get(message, "body") ?? null) : [];
}
