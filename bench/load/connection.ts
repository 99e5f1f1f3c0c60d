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

const headEnd = Buffer.from("\r\n\r\n");
const reopenAfterMs = 50;
/** Of a long request, written at a time. */
const pieceBytes = 256 * 1024;

/**
 * A keep-alive HTTP/1.1 connection with one request at a time. It reads as little of a response as tells that it is whole
 * and 200, so that the load does not become the bottleneck.
 */
export class LoadConnection {
  readonly #server: Server;
  readonly #listener: Listener;
  #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come, once the head has been read; they are counted and not kept. */
  #left = -1;
  #ok = false;
  /** What of the request has not been written yet. */
  #unsent: Buffer = Buffer.alloc(0);
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
    this.#unsent = request;
    this.#write();
  }

  #write(): void {
    while (this.#unsent.length > 0) {
      const piece = this.#unsent.subarray(0, pieceBytes);
      this.#unsent = this.#unsent.subarray(piece.length);
      if (!this.#socket.write(piece)) return;
    }
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
    socket.on("drain", () => this.#write());
    socket.on("error", (error) => this.#listener.failed(error.message));
    socket.on("close", () => this.#closed());
    return socket;
  }

  /** A server may close a connection that has been silent for long; nothing is lost then. */
  #closed(): void {
    if (this.busy) this.#listener.failed("connection closed");
    this.#since = Number.NaN;
    this.#pending = Buffer.alloc(0);
    this.#unsent = Buffer.alloc(0);
    this.#left = -1;
    this.#listener.closed(this);
    setTimeout(() => (this.#socket = this.#open()), reopenAfterMs);
  }

  #receive(chunk: Buffer): void {
    if (this.#left >= 0) return this.#receiveBody(chunk);
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const at = this.#pending.indexOf(headEnd);
    if (at < 0) return undefined;
    const head = this.#pending.toString("latin1", 0, at);
    this.#ok = head.startsWith("200", 9);
    if (/transfer-encoding: *chunked/i.test(head)) return this.#receiveChunked(at);
    const body = this.#pending.subarray(at + headEnd.length);
    this.#left = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    // With what is an error by itself, since nothing of it is kept later.
    if (!this.#ok) this.#pending = this.#pending.subarray(0, 400);
    return this.#receiveBody(body);
  }

  #receiveBody(chunk: Buffer): void {
    this.#left -= chunk.length;
    if (this.#left <= 0) this.#whole();
  }

  /** Short ones only: they are kept until they are whole. */
  #receiveChunked(at: number): void {
    if (this.#pending.includes("0\r\n\r\n", at)) this.#whole();
  }

  #whole(): void {
    if (this.#ok) this.#listener.answered(performance.now() - this.#since);
    else this.#listener.failed(this.#pending.toString("latin1", 0, 400));
    this.#pending = Buffer.alloc(0);
    this.#left = -1;
    this.#since = Number.NaN;
    // Answered before all of it was asked: what would follow is no request.
    if (this.#unsent.length > 0) this.#socket.destroy();
    else this.#listener.free(this);
  }
}
