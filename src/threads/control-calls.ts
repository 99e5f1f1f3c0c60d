import type { MessagePort } from "node:worker_threads";
import {
  controlCallFailed,
  errorOf,
  failureOf,
  isMessage,
  type ControlCalls,
  type ReplyMessage,
  type RequestMessage,
} from "./control-messages.ts";

export interface ControlClientOptions {
  /** Default 2000. */
  readonly deadlineMs?: number;
  /** Calls that may wait at once; one more is refused. Default 1024. */
  readonly maxOutstanding?: number;
}

export interface ControlClient<Calls extends ControlCalls<Calls>> {
  readonly outstanding: number;
  /**
   * @throws GatewayError `control-call-failed` when too many wait, the deadline passes, the port is closed or the
   * request cannot be cloned; the handler's own GatewayError; `internal` when it failed otherwise.
   */
  call<Name extends keyof Calls & string>(
    name: Name,
    request: Calls[Name]["request"],
    deadlineMs?: number,
  ): Promise<Calls[Name]["response"]>;
  /** Fails what waits and closes the port. */
  close(): void;
}

export type ControlHandlers<Calls extends ControlCalls<Calls>> = {
  readonly [Name in keyof Calls]: (
    request: Calls[Name]["request"],
  ) => Calls[Name]["response"] | Promise<Calls[Name]["response"]>;
};

interface Waiting {
  readonly resolve: (response: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** The asking end. An idle client does not keep its thread alive. */
export function createControlClient<Calls extends ControlCalls<Calls>>(
  port: MessagePort,
  options: ControlClientOptions = {},
): ControlClient<Calls> {
  return new PortControlClient<Calls>(port, options);
}

class PortControlClient<Calls extends ControlCalls<Calls>> implements ControlClient<Calls> {
  readonly #port: MessagePort;
  readonly #deadlineMs: number;
  readonly #maxOutstanding: number;
  readonly #waiting: Map<number, Waiting> = new Map();
  #next: number = 1;
  #closed: boolean = false;

  constructor(port: MessagePort, options: ControlClientOptions) {
    this.#port = port;
    this.#deadlineMs = options.deadlineMs ?? 2000;
    this.#maxOutstanding = options.maxOutstanding ?? 1024;
    port.on("message", (message: unknown) => this.#onMessage(message));
    port.on("close", () => this.#onClose());
    port.unref();
  }

  get outstanding(): number {
    return this.#waiting.size;
  }

  call(name: string, request: unknown, deadlineMs: number = this.#deadlineMs): Promise<unknown> {
    if (this.#closed) return Promise.reject(controlCallFailed(`control call ${name}: the port is closed`));
    if (this.#waiting.size >= this.#maxOutstanding) {
      return Promise.reject(controlCallFailed(`control call ${name}: too many are waiting`));
    }
    return new Promise((resolve, reject) => {
      const call = this.#next++;
      const expire = (): void =>
        this.#settle(call)?.reject(controlCallFailed(`control call ${name}: no answer in time`));
      this.#waiting.set(call, { resolve, reject, timer: setTimeout(expire, deadlineMs) });
      this.#port.ref();
      this.#post({ call, name, request });
    });
  }

  close(): void {
    this.#port.close();
    this.#onClose();
  }

  #post(message: RequestMessage): void {
    try {
      this.#port.postMessage(message, []);
    } catch (error) {
      this.#settle(message.call)?.reject(controlCallFailed(`control call ${message.name}: cannot be sent`, error));
    }
  }

  #onMessage(message: unknown): void {
    if (!isMessage(message, "reply")) return;
    const reply = message as ReplyMessage;
    const waiting = this.#settle(reply.reply);
    if ("failure" in reply) waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply.response);
  }

  #onClose(): void {
    this.#closed = true;
    for (const call of this.#waiting.keys()) {
      this.#settle(call)?.reject(controlCallFailed("control call: the port was closed"));
    }
  }

  #settle(call: number): Waiting | undefined {
    const waiting = this.#waiting.get(call);
    if (waiting === undefined) return undefined;
    clearTimeout(waiting.timer);
    this.#waiting.delete(call);
    if (this.#waiting.size === 0) this.#port.unref();
    return waiting;
  }
}

/**
 * The answering end, one port a thread. `onError` hears of what a handler threw that is no GatewayError, since the
 * caller learns only that it failed.
 */
export function serveControlCalls<Calls extends ControlCalls<Calls>>(
  port: MessagePort,
  handlers: ControlHandlers<Calls>,
  onError: (name: string, error: unknown) => void = () => {},
): void {
  const byName = new Map<string, (request: never) => unknown>(Object.entries(handlers));
  port.on("message", (message: unknown) => {
    if (isMessage(message, "call")) void answer(port, byName, message as RequestMessage, onError);
  });
}

async function answer(
  port: MessagePort,
  handlers: ReadonlyMap<string, (request: never) => unknown>,
  message: RequestMessage,
  onError: (name: string, error: unknown) => void,
): Promise<void> {
  try {
    const handler = handlers.get(message.name);
    if (handler === undefined) throw controlCallFailed(`control call ${message.name}: unknown`);
    const response = await handler(message.request as never);
    port.postMessage({ reply: message.call, response } satisfies ReplyMessage, []);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.code === "internal") onError(message.name, error);
    port.postMessage({ reply: message.call, failure } satisfies ReplyMessage, []);
  }
}
