import type { LookupFunction, Socket } from "node:net";
import { Duplex } from "node:stream";

/** A forward proxy: where it is, and what it is shown. */
export interface ProxyRoute {
  /** Tells it from others: connections by way of one are not used for another. */
  readonly key: string;
  readonly host: string;
  readonly port: number;
  /** Resolves its name at dial time; may refuse. */
  readonly lookup: LookupFunction | null;
  /** Value of Proxy-Authorization; null: none. */
  readonly authorization: string | null;
}

const maxHeadBytes = 16_384;

/**
 * What goes to the far end of a tunnel that a proxy is asked for over `socket`: as soon as the proxy has opened it, and
 * not before. Fails when the proxy refuses; the text holds its status and nothing else of what it said.
 * @see RFC 9110 §9.3.6
 */
export class Tunnel extends Duplex {
  readonly #socket: Socket;
  #isOpen = false;
  #head: Buffer = Buffer.alloc(0);
  #held: (() => void) | null = null;

  /** @param authority `host:port` of the far end */
  constructor(socket: Socket, authority: string, { authorization }: ProxyRoute) {
    super({ allowHalfOpen: false });
    this.#socket = socket;
    const login = authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`;
    socket.once("connect", () => socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${login}\r\n`));
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("end", () => this.#ended());
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#isOpen) this.#socket.write(chunk, done);
    else this.#held = () => this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(chunk: Buffer): void {
    if (this.#isOpen) {
      if (!this.push(chunk)) this.#socket.pause();
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#head.length > maxHeadBytes) this.destroy(new Error("the proxy's answer is too long"));
      return;
    }
    this.#open(this.#head.subarray(0, end).toString("latin1"), this.#head.subarray(end + 4));
  }

  #open(head: string, rest: Buffer): void {
    const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
    if (status === undefined) return void this.destroy(new Error("the proxy gave no HTTP answer"));
    if (!status.startsWith("2")) return void this.destroy(new Error(`the proxy answered ${status}`));
    this.#isOpen = true;
    this.#head = Buffer.alloc(0);
    if (rest.length > 0) this.push(rest);
    const held = this.#held;
    this.#held = null;
    held?.();
  }

  #ended(): void {
    if (this.#isOpen) this.push(null);
    else this.destroy(new Error("the proxy closed the connection"));
  }
}
