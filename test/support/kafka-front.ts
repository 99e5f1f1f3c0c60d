import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { listApis, metadataOf, type Place } from "./kafka-answers.ts";

export interface FrontOptions {
  /** `host:port` of the one broker behind it. */
  readonly behind: string;
  /** What its answers call the broker; itself when absent. */
  readonly named?: Place;
  readonly tls?: TlsOptions;
  /** Answers what a login says; an exchange may take several. Null: it is refused. */
  readonly login?: (mechanism: string) => (said: Buffer) => Buffer | null;
}

export interface KafkaFront {
  readonly port: number;
  /** Connections that it has had. */
  readonly connections: () => number;
  start(): Promise<void>;
  /** Nobody listens there, and whoever was connected is cut off. */
  stop(): Promise<void>;
}

const [metadata, handshake, apiVersions, authenticate] = [3, 17, 18, 36];

/**
 * Stands before a broker, with what the mock cluster lacks: TLS, logins, a port that stays while it is away, and answers
 * that name other brokers. A stand-in of these tests; the login is checked by what the test hands in.
 */
export async function kafkaFront(options: FrontOptions): Promise<KafkaFront> {
  let server: Server | null = null;
  let [port, count] = [0, 0];
  const open = new Set<Socket>();
  const serve = (client: Socket): void => {
    count += 1;
    const [host, behind] = options.behind.split(":");
    const broker = connect(Number(behind), host);
    for (const socket of [client, broker]) {
      open.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        broker.destroy();
      });
    }
    relay(client, broker, options, options.named ?? { host: "localhost", port });
  };
  const start = async (): Promise<void> => {
    server = options.tls === undefined ? createServer(serve) : createTlsServer(options.tls, serve);
    server.on("tlsClientError", () => undefined);
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as { port: number }).port;
  };
  await start();
  return {
    get port() {
      return port;
    },
    connections: () => count,
    start,
    stop: async () => {
      const closing = server;
      server = null;
      if (closing === null) return;
      for (const socket of open) socket.destroy();
      await once(closing.close(), "close");
    },
  };
}

/** Takes the frames of a stream: each is what follows its length. */
function onFrames(socket: Socket, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0);
      take(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  });
}

function write(socket: Socket, frame: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  socket.write(Buffer.concat([length, frame]));
}

function relay(client: Socket, broker: Socket, { login }: FrontOptions, place: Place): void {
  const asked = new Map<number, number>();
  let step: ((said: Buffer) => Buffer | null) | null = null;
  let isIn = login === undefined;
  onFrames(client, (frame) => {
    const [kind, correlation] = [frame.readInt16BE(0), frame.subarray(4, 8)];
    const body = frame.subarray(10 + Math.max(0, frame.readInt16BE(8)));
    if (kind === handshake && login !== undefined) {
      step = login(body.toString("latin1", 2));
      write(client, Buffer.concat([correlation, Buffer.from([0, 0, 0, 0, 0, 0])]));
    } else if (kind === authenticate) {
      const answer = step?.(body.subarray(4)) ?? null;
      isIn ||= answer !== null;
      write(client, Buffer.concat([correlation, authenticated(answer)]));
    } else if (isIn || kind === apiVersions) {
      asked.set(frame.readInt32BE(4), kind);
      write(broker, frame);
    } else {
      client.destroy();
    }
  });
  onFrames(broker, (frame) => {
    const correlation = frame.readInt32BE(0);
    const kind = asked.get(correlation);
    asked.delete(correlation);
    if (kind === metadata) write(client, metadataOf(frame, place));
    else write(client, kind === apiVersions && login !== undefined ? listApis(frame, authenticate) : frame);
  });
}

/** Version 0. 58 is SASL_AUTHENTICATION_FAILED. */
function authenticated(answer: Buffer | null): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt16BE(answer === null ? 58 : 0, 0);
  head.writeInt16BE(-1, 2);
  head.writeInt32BE(answer?.length ?? 0, 4);
  return Buffer.concat([head, answer ?? Buffer.alloc(0)]);
}
