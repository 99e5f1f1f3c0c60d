import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { GatewayError } from "#model/errors.ts";
import { dial, readyEvent, type Target } from "./dial.ts";
import { Timeout, type TimerWheel } from "./timer-wheel.ts";
import { connectError } from "./upstream-error.ts";

/** Who waits for the socket. One of the two is called, once. */
export interface DiallingUser {
  /** `protocol`: what ALPN chose; null when nothing was, or over clear text. */
  dialled(socket: Socket, protocol: string | null): void;
  dialFailed(error: GatewayError): void;
}

/** One attempt at a connection, within `timeoutMs`, for those who take over the socket. */
export class Dialling {
  readonly #wheel: TimerWheel;
  readonly #user: DiallingUser;
  readonly #socket: Socket;
  readonly #timeout: Timeout = new Timeout(() => this.#failed(new Error("timed out")));
  readonly #onError = (error: Error): void => this.#failed(error);
  readonly #onClose = (): void => this.#failed(null);
  #over = false;

  constructor(
    target: Target,
    protocols: readonly string[],
    { wheel, timeoutMs }: { readonly wheel: TimerWheel; readonly timeoutMs: number },
    user: DiallingUser,
  ) {
    this.#wheel = wheel;
    this.#user = user;
    this.#socket = dial(target, { session: null, protocols, read: null, client: "" });
    this.#socket.once(readyEvent(target), () => this.#ready());
    this.#socket.on("error", this.#onError);
    this.#socket.on("close", this.#onClose);
    wheel.arm(this.#timeout, timeoutMs);
  }

  cancel(): void {
    if (!this.#end()) return;
    this.#socket.on("error", () => {});
    this.#socket.destroy();
  }

  #ready(): void {
    if (!this.#end()) return;
    const protocol = (this.#socket as Partial<TLSSocket>).alpnProtocol;
    this.#user.dialled(this.#socket, typeof protocol === "string" ? protocol : null);
  }

  #failed(cause: Error | null): void {
    if (!this.#end()) return;
    this.#socket.on("error", () => {});
    this.#socket.destroy();
    this.#user.dialFailed(connectError(cause));
  }

  /** @returns false when it was over before. */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#wheel.disarm(this.#timeout);
    this.#socket.off("error", this.#onError);
    this.#socket.off("close", this.#onClose);
    return true;
  }
}
