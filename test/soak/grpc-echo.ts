import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Length of a message's prefix: whether it is compressed, and its length. */
const prefix = 5;

export interface GrpcEcho {
  readonly url: string;
  close(): void;
}

/** A gRPC service whose one call gives back each message until its client ends. */
export async function startGrpcEcho(): Promise<GrpcEcho> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.on("data", (chunk: Buffer) => stream.write(chunk));
    stream.on("end", () => stream.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** Sends a number now and then, until `stop`, and wants it back. @returns how often it came back. @throws when it is cut */
export async function converseOverGrpc(
  session: ClientHttp2Session,
  path: string,
  stop: () => boolean,
): Promise<number> {
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
  });
  let closed = "";
  let status = "";
  let received = Buffer.alloc(0);
  stream.on("error", (error) => (closed = `a call failed: ${error.message}`));
  stream.on("close", () => (closed ||= `a call ended with ${stream.rstCode}`));
  stream.on("trailers", (trailers) => (status = String(trailers["grpc-status"])));
  stream.on("data", (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
  let echoes = 0;
  for (; !stop(); echoes += 1) {
    const message = messageOf(String(echoes));
    stream.write(message);
    for (let tries = 0; received.length < message.length; tries += 1) {
      if (closed !== "" || tries > 4000) throw new Error(closed === "" ? "a call fell silent" : closed);
      await sleep(5);
    }
    if (!received.equals(message)) throw new Error("a call echoed something else");
    received = Buffer.alloc(0);
    await sleep(250);
  }
  if (closed !== "") throw new Error(closed);
  stream.end();
  await once(stream, "close");
  if (status !== "0") throw new Error(`a call ended with status ${status}`);
  return echoes;
}

function messageOf(text: string): Buffer {
  const message = Buffer.alloc(prefix + text.length);
  message.writeUInt32BE(text.length, 1);
  message.write(text, prefix, "latin1");
  return message;
}
