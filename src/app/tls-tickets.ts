import type { Random } from "#model/ports.ts";

/** A day of resumption at most, and a key that leaks opens no older traffic. */
const rotateMs = 12 * 3_600_000;

/**
 * TLS session-ticket keys, the same in all workers: without that a session resumes only on the worker it began on.
 *
 * @param publish gives the 48 bytes to the workers
 */
export class TicketKeys {
  #keys: Uint8Array;
  readonly #timer: NodeJS.Timeout;

  constructor(random: Random, publish: (keys: Uint8Array) => void) {
    this.#keys = random.bytes(48);
    this.#timer = setInterval(() => {
      this.#keys = random.bytes(48);
      publish(this.#keys);
    }, rotateMs).unref();
  }

  get current(): Uint8Array {
    return this.#keys;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
