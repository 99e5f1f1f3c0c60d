import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { HeaderDecoder } from "#wire/http2/header-decoder.ts";
import { endHeaders, frame, frameType, literal, preface } from "#test/soak/h2-frames.ts";

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** A client that sends what it is told, frame by frame, and keeps what comes back. */
export class RawHttp2 {
  readonly socket: TLSSocket;
  readonly frames: RawFrame[] = [];
  readonly fields: Map<number, readonly string[][]> = new Map();
  closed = false;
  readonly #decoder = new HeaderDecoder({ bytes: 1_000_000, fields: 1000 });
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("error", () => {});
    socket.on("close", () => (this.closed = true));
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
  }

  /** With the preface and these settings sent. */
  static async open(
    port: number,
    ca: string,
    servername: string,
    settings: Buffer = Buffer.alloc(0),
  ): Promise<RawHttp2> {
    const socket = connect({ port, host: "127.0.0.1", ca, servername, ALPNProtocols: ["h2"] });
    const client = new RawHttp2(socket);
    await once(socket, "secureConnect");
    client.send(preface, frame(frameType.settings, 0, 0, settings));
    return client;
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  #take(bytes: Buffer): void {
    let rest = Buffer.concat([this.#rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const one = {
        type: rest[3] ?? 0,
        flags: rest[4] ?? 0,
        stream: rest.readUInt32BE(5),
        payload: rest.subarray(9, end),
      };
      this.frames.push(one);
      if (one.type === frameType.headers) this.#decode(one);
      rest = rest.subarray(end);
    }
    this.#rest = rest;
  }

  /** Only of blocks in one frame. */
  #decode({ flags, stream, payload }: RawFrame): void {
    if ((flags & endHeaders) === 0) return;
    const block = this.#decoder.decode(payload, 0, payload.length);
    this.fields.set(stream, [...(this.fields.get(stream) ?? []), [...(block?.fields ?? [])]]);
  }

  of(type: number, stream: number): RawFrame[] {
    return this.frames.filter((one) => one.type === type && one.stream === stream);
  }

  /** `:status` of the final response; 0: none has come. */
  status(stream: number): number {
    return Number(this.fields.get(stream)?.find((fields) => !String(fields[1]).startsWith("1"))?.[1] ?? 0);
  }

  body(stream: number): Buffer {
    return Buffer.concat(this.of(frameType.data, stream).map(({ payload }) => payload));
  }

  /** Error code of what the connection was ended with, or null. */
  get goneWith(): number | null {
    return this.of(7, 0).at(-1)?.payload.readUInt32BE(4) ?? null;
  }

  /** Error code of the stream's reset, or null. */
  resetWith(stream: number): number | null {
    return this.of(frameType.reset, stream)[0]?.payload.readUInt32BE(0) ?? null;
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds(); tries += 1) {
      if (tries > 500) throw new Error(`it never came to this: ${what}; ${this.frames.map(shown).join(", ")}`);
      await sleep(10);
    }
  }

  /** An answer to a ping: what was sent before it has been read. */
  async settle(): Promise<void> {
    const pongs = (): number => this.of(frameType.ping, 0).length;
    const before = pongs();
    this.send(frame(frameType.ping, 0, 0, Buffer.alloc(8)));
    await this.until("a pong", () => pongs() > before);
  }
}

function shown({ type, flags, stream, payload }: RawFrame): string {
  return `${type}/${flags}/${stream}/${payload.length}`;
}

/** A request's head in one frame. @param flags besides END_HEADERS */
export function requestFrame(
  stream: number,
  flags: number,
  method: string,
  path: string,
  authority: string,
  more: readonly Buffer[] = [],
): Buffer {
  const pseudo = [
    literal(":method", method),
    Buffer.from([0x87]),
    literal(":path", path),
    literal(":authority", authority),
  ];
  return frame(frameType.headers, endHeaders | flags, stream, Buffer.concat([...pseudo, ...more]));
}
