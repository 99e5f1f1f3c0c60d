import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

export interface Server {
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the authority; empty without TLS. */
  readonly ca: string;
}

export interface Listener {
  /** It is connected and has nothing under way: also after each answer. */
  free(connection: LoadConnection): void;
  /** @param ms since the moment that `send` was told of */
  answered(ms: number): void;
  failed(why: string): void;
  /** It connects again by itself, and says when it is free. */
  closed(connection: LoadConnection): void;
}

const bodyStart = Buffer.from("\r\n\r\n");
const reopenAfterMs = 50;

/**
 * A keep-alive HTTP/1.1 connection with one request at a time. It reads as little of a response as tells that it is whole
 * and 200, so that the load does not become the bottleneck.
 */
export class LoadConnection {
  readonly #server: Server;
  readonly #listener: Listener;
  #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #since = Number.NaN;

  constructor(server: Server, listener: Listener) {
    this.#server = server;
    this.#listener = listener;
    this.#socket = this.#open();
  }

  get busy(): boolean {
    return !Number.isNaN(this.#since);
  }

  /** @param since when the request was due, by `performance.now` */
  send(request: Buffer, since: number): void {
    this.#since = since;
    this.#socket.write(request);
  }

  #open(): Socket {
    const { port, tls, ca } = this.#server;
    const host = "127.0.0.1";
    const socket: Socket = tls
      ? connectTls({ host, port, ca, servername: "localhost", ALPNProtocols: ["http/1.1"] })
      : connectPlain({ host, port });
    socket.setNoDelay(true);
    socket.once(tls ? "secureConnect" : "connect", () => this.#listener.free(this));
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#listener.failed(error.message));
    socket.on("close", () => this.#closed());
    return socket;
  }

  /** A server may close a connection that has been silent for long; nothing is lost then. */
  #closed(): void {
    if (this.busy) this.#listener.failed("connection closed");
    this.#since = Number.NaN;
    this.#pending = Buffer.alloc(0);
    this.#listener.closed(this);
    setTimeout(() => (this.#socket = this.#open()), reopenAfterMs);
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const length = wholeLength(this.#pending);
    if (length === undefined || this.#pending.length < length) return;
    if (this.#pending.toString("latin1", 9, 12) === "200") this.#listener.answered(performance.now() - this.#since);
    else this.#listener.failed(this.#pending.toString("latin1", 0, 400));
    this.#pending = this.#pending.subarray(length);
    this.#since = Number.NaN;
    this.#listener.free(this);
  }
}

/** Bytes of head and body; undefined while that cannot be said. */
function wholeLength(buffer: Buffer): number | undefined {
  const at = buffer.indexOf(bodyStart);
  if (at < 0) return undefined;
  const head = buffer.toString("latin1", 0, at);
  if (/transfer-encoding: *chunked/i.test(head)) {
    const end = buffer.indexOf("0\r\n\r\n", at);
    return end < 0 ? undefined : end + 5;
  }
  return at + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}
