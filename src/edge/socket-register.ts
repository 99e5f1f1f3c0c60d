import type { Socket } from "node:net";

/** All client sockets of an edge, handshakes included: what the limit counts and a drain waits for. */
export class SocketRegister {
  readonly #open = new Set<Socket>();
  readonly #limit: () => number;
  #onEmpty: (() => void) | null = null;

  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  /** False, and the socket is closed, when there are too many. */
  admit(socket: Socket): boolean {
    if (this.#open.size >= this.#limit()) {
      socket.destroy();
      return false;
    }
    this.#open.add(socket);
    socket.on("close", () => this.#closed(socket));
    return true;
  }

  /** Resolves when none is left; at the deadline, of which `onDeadline` is told, all are destroyed. */
  async emptied(deadlineMs: number, onDeadline: () => void): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        onDeadline();
        this.#destroyAll();
      }, deadlineMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #closed(socket: Socket): void {
    this.#open.delete(socket);
    if (this.#open.size === 0) this.#onEmpty?.();
  }
}
