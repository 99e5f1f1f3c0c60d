import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { BodySink, TunnelSource } from "#model/body.ts";
import type { HeaderList } from "#model/header-list.ts";
import { writeHead } from "./http1-response-head.ts";
import { copyFields } from "./response-fields.ts";
import type { Swept, Sweeper } from "./sweeper.ts";

/** Kept at most of what a client sends before its offer is taken: about one read of a socket more than this. */
const earlyBytes = 64 * 1024;

/**
 * A client's connection from its offer to switch protocols on. The parser has let go of it: what comes behind the offer is
 * kept here, so that it is neither lost when the offer is taken nor run as a request when it is not.
 */
export class Http1Tunnel implements TunnelSource, Swept {
  readonly length: undefined = undefined;
  received = 0;
  readonly #socket: Socket;
  readonly #sweeper: Sweeper;
  readonly #drained: () => void;
  #early: Buffer[] = [];
  #sink: BodySink | null = null;
  #peerEnded = false;
  #dropped = false;
  #blockedSince = 0;

  constructor(socket: Socket, sweeper: Sweeper, drained: () => void) {
    this.#socket = socket;
    this.#sweeper = sweeper;
    this.#drained = drained;
    socket.on("data", (chunk: Buffer) => this.take(chunk));
    socket.on("end", () => this.#end());
    socket.on("drain", () => this.#drain());
  }

  /** Both sides have ended. */
  get isWhole(): boolean {
    return this.#peerEnded && this.#socket.writableFinished;
  }

  /** @throws GatewayError `internal` for fields that would end the head early; nothing is sent then */
  open(protocol: string, headers: HeaderList): void {
    const fields = ["Connection", "Upgrade", "Upgrade", protocol];
    copyFields(headers, fields);
    this.#socket.write(`${writeHead(101, null, fields)}\r\n`, "latin1");
  }

  start(sink: BodySink): void {
    if (this.#dropped) return;
    this.#sink = sink;
    for (const chunk of this.#early.splice(0)) sink.data(chunk);
    if (this.#peerEnded) sink.end(null);
    else this.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** What still comes is read and thrown away, so that the end of the connection is seen. */
  cancel(): void {
    this.#dropped = true;
    this.#sink = null;
    this.#early = [];
    this.#socket.resume();
  }

  write(chunk: Uint8Array): boolean {
    if (this.#socket.write(chunk)) return true;
    this.#blockedSince = this.#sweeper.now();
    return false;
  }

  end(): void {
    this.#blockedSince = this.#sweeper.now();
    if (this.#peerEnded) this.#socket.destroySoon();
    else this.#socket.end();
  }

  check(now: number, idleMs: number): void {
    const waits = this.#blockedSince > 0 && this.#socket.writableLength > 0;
    if (waits && now - this.#blockedSince > idleMs) this.#socket.destroy();
  }

  /** What the client has sent behind its offer. */
  take(chunk: Buffer): void {
    if (this.#dropped) return;
    this.received += chunk.byteLength;
    if (this.#sink !== null) return this.#sink.data(chunk);
    this.#early.push(chunk);
    if (this.received > earlyBytes) this.#socket.pause();
  }

  #end(): void {
    this.#peerEnded = true;
    // A client that ends before it has an answer is gone, as it is with any other request.
    if (this.#sink === null && !this.#dropped) this.#socket.destroy();
    else if (this.#socket.writableEnded) this.#socket.destroySoon();
    this.#sink?.end(null);
  }

  #drain(): void {
    this.#blockedSince = 0;
    this.#drained();
  }
}
