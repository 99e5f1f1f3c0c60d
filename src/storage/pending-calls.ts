import { GatewayError } from "#model/errors.ts";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Calls that wait for another thread's answer. One that passed its deadline has been rejected, but takes up room until
 * it is answered: the thread still has to work it off, and the room is what bounds its queue.
 */
export class PendingCalls {
  readonly #deadlineMs: number;
  readonly #most: number;
  readonly #waiting: Map<number, Waiting> = new Map();
  #sent: number = 0;
  #answered: number = 0;
  #refusal: GatewayError | null = null;

  constructor(deadlineMs: number, most: number) {
    this.#deadlineMs = deadlineMs;
    this.#most = most;
  }

  /** Rejects with `store-unavailable` when there is no room, when the deadline has passed, or after {@link refuse}. */
  add(send: (id: number) => void): Promise<unknown> {
    if (this.#refusal !== null) return Promise.reject(this.#refusal);
    if (this.#sent - this.#answered >= this.#most)
      return Promise.reject(unavailable("too many calls wait for the store"));
    const id = this.#sent++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = setTimeout(() => this.#expire(id), this.#deadlineMs);
    this.#waiting.set(id, { resolve, reject, timer });
    try {
      send(id);
    } catch (error) {
      // Nothing was sent, so no answer will come.
      this.reject(id, error);
    }
    return promise;
  }

  resolve(id: number, value: unknown): void {
    this.#answered++;
    this.#take(id)?.resolve(value);
  }

  reject(id: number, error: unknown): void {
    this.#answered++;
    this.#take(id)?.reject(error);
  }

  /** Later calls reject with this; those that wait go on waiting. */
  refuse(error: GatewayError): void {
    this.#refusal ??= error;
  }

  rejectAll(error: GatewayError): void {
    for (const id of this.#waiting.keys()) this.#take(id)?.reject(error);
  }

  #expire(id: number): void {
    this.#take(id)?.reject(unavailable(`the store gave no answer within ${this.#deadlineMs} ms`));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }
}

function unavailable(message: string): GatewayError {
  return new GatewayError("store-unavailable", 503, message, { source: "store", retryable: true });
}
