import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";
import type { TestGateway } from "./gateway.ts";

export interface WebSocketUpstream {
  readonly url: string;
  readonly server: WebSocketServer;
  /** Handshakes seen, newest last. */
  readonly seen: IncomingMessage[];
  /** Codes that connections were closed with, as the upstream saw them. */
  readonly closed: number[];
  close(): void;
}

/** An upstream that sends back what it is sent; one whose path says `greet` is greeted. */
export async function startWebSocketUpstream(): Promise<WebSocketUpstream> {
  const http = createServer((_request, response) => response.writeHead(426).end("this is for WebSocket\n"));
  const server = new WebSocketServer({ server: http, handleProtocols: (offered) => [...offered][0] ?? false });
  const seen: IncomingMessage[] = [];
  const closed: number[] = [];
  server.on("connection", (socket, request) => {
    seen.push(request);
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
    socket.on("close", (code) => closed.push(code));
    socket.on("error", () => {});
    if (request.url?.includes("greet") === true) socket.send("hello");
  });
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    server,
    seen,
    closed,
    close: () => {
      for (const client of server.clients) client.terminate();
      http.closeAllConnections();
      http.close();
    },
  };
}

export function webSocketTo(
  gateway: TestGateway,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  protocols: string[] = [],
): WebSocket {
  const socket = new WebSocket(`${gateway.url.replace("http", "ws")}${path}`, protocols, { ca: gateway.ca, headers });
  socket.on("error", () => {});
  return socket;
}

export interface WebSocketEnd {
  readonly code: number;
  readonly reason: string;
}

export async function endOf(socket: WebSocket): Promise<WebSocketEnd> {
  const [code, reason] = (await once(socket, "close")) as [number, Buffer];
  return { code, reason: reason.toString() };
}

/** What comes next, as text. */
export async function nextMessage(socket: WebSocket): Promise<string> {
  const [data] = (await once(socket, "message")) as [Buffer];
  return data.toString();
}

/** A client's text frame: masked, shorter than 126 bytes. @see RFC 6455 §5.2 */
export function textFrame(text: string): Buffer {
  const mask = Buffer.from([1, 2, 3, 4]);
  const payload = Buffer.from(text).map((byte, at) => byte ^ (mask[at % 4] as number));
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]);
}
