import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from "node:http2";
import type { Socket } from "node:net";
import { type Cleanup, listen, rawUpstream } from "./forwarding.test-helper.ts";

export interface Http2Upstream {
  readonly url: string;
  readonly sessions: readonly ServerHttp2Session[];
}

export type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: string[]) => void;

/** A real HTTP/2 server in clear text. */
export async function http2Upstream(
  cleanup: Cleanup,
  serve: Serve,
  options: ServerOptions = {},
): Promise<Http2Upstream> {
  const sessions: ServerHttp2Session[] = [];
  const server = createServer(options);
  server.on("session", (session) => sessions.push(session));
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers, _flags, raw) => {
    stream.on("error", () => {});
    serve(stream as ServerHttp2Stream, headers, raw);
  });
  const port = await listen(server, cleanup);
  return { url: `http://127.0.0.1:${port}`, sessions };
}

export const frameType = {
  data: 0x0,
  headers: 0x1,
  reset: 0x3,
  settings: 0x4,
  ping: 0x6,
  goaway: 0x7,
  continuation: 0x9,
} as const;
export const endStream = 0x1;
export const endHeaders = 0x4;
const acknowledged = 0x1;
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** @see RFC 9113 §4.1 */
export function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function numbers(...values: readonly number[]): Buffer {
  return Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    }),
  );
}

/** Fields without indexing and without Huffman code, each part shorter than 127 bytes. @see RFC 7541 §6.2.2 */
export function fields(...list: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < list.length; at += 2) {
    const name = Buffer.from(list[at] as string, "latin1");
    const value = Buffer.from(list[at + 1] as string, "latin1");
    parts.push(Buffer.from([0, name.length]), name, Buffer.from([value.length]), value);
  }
  return Buffer.concat(parts);
}

/** A peer made of frames by hand: settings and pings are answered, the rest is given to `serve`. */
export async function rawHttp2Upstream(
  cleanup: Cleanup,
  serve: (frame: Frame, socket: Socket) => void,
  { answersPings = true, settings = Buffer.alloc(0) }: { answersPings?: boolean; settings?: Buffer } = {},
): Promise<string> {
  return rawUpstream(cleanup, (socket) => {
    let pending = Buffer.alloc(0);
    let greeted = false;
    socket.write(frame(frameType.settings, 0, 0, settings));
    socket.on("data", (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      if (!greeted && pending.length >= preface.length) {
        greeted = true;
        pending = pending.subarray(preface.length);
      }
      while (greeted && pending.length >= 9 && pending.length >= 9 + pending.readUIntBE(0, 3)) {
        const end = 9 + pending.readUIntBE(0, 3);
        const [type, flags] = [pending[3] as number, pending[4] as number];
        const payload = Buffer.from(pending.subarray(9, end));
        const stream = pending.readUInt32BE(5);
        pending = pending.subarray(end);
        if (type === frameType.settings && flags === 0) socket.write(frame(frameType.settings, acknowledged, 0));
        else if (type === frameType.ping && flags === 0 && answersPings) {
          socket.write(frame(frameType.ping, acknowledged, 0, payload));
        } else serve({ type, flags, stream, payload }, socket);
      }
    });
  });
}
