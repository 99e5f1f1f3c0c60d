import type { IncomingMessage, Server, ServerOptions, ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import { createServer } from "#lib/node-http.ts";
import type { ListenAddress } from "#model/definition.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { AdminDoor } from "./request-rules.ts";

/** Nobody needs more at once; what is beyond is closed. */
const maxConnections = 64;

const options: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  /** For the whole request, its body included. */
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  requireHostHeader: true,
};

export interface CallHandler {
  readonly handle: (request: IncomingMessage, response: ServerResponse, door: AdminDoor) => void;
  /** The bytes were no request, or never became one. Nothing is being answered on the socket. */
  readonly malformed: (socket: Socket, reason: ReasonCode, door: AdminDoor) => void;
}

/** A listener of the admin API. */
export interface AdminListener {
  /** Ends what is idle, lets calls finish for a moment, then ends those too. */
  close(): Promise<void>;
}

const closeGraceMs = 2000;

/** @param path of the socket, free to be bound @throws Error as `listen` gives it */
export async function listenOnSocket(path: string, door: AdminDoor, handler: CallHandler): Promise<AdminListener> {
  const server = prepare(createServer(options), door, handler);
  // From the first moment on: a chmod afterwards would leave one in which others can connect.
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path));
  } finally {
    process.umask(before);
  }
  return listenerOf(server);
}

export interface ServerIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface SecureListener extends AdminListener {
  readonly bound: ListenAddress;
  setIdentity(identity: ServerIdentity): void;
}

export async function listenOnPort(
  { host, port }: ListenAddress,
  identity: ServerIdentity,
  door: AdminDoor,
  handler: CallHandler,
): Promise<SecureListener> {
  const server = createSecureServer({ ...options, ...identity, minVersion: "TLSv1.2", handshakeTimeout: 10_000 });
  prepare(server, door, handler);
  await listening(server, () => server.listen({ host, port, exclusive: true }));
  const address = server.address();
  return {
    ...listenerOf(server),
    bound: { host, port: typeof address === "object" && address !== null ? address.port : port },
    setIdentity: (next) => server.setSecureContext({ ...next, minVersion: "TLSv1.2" }),
  };
}

function prepare<T extends Server>(server: T, door: AdminDoor, { handle, malformed }: CallHandler): T {
  server.maxConnections = maxConnections;
  const answering = new WeakMap<Socket, ServerResponse>();
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    answering.set(request.socket, response);
    handle(request, response, door);
  };
  server.on("request", take);
  // The body is asked for only once the head has passed: `readBody` reads, and Node says 100 by then.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    request.once("newListener", (name) => {
      if (name === "data" && !response.headersSent) response.writeContinue();
    });
    take(request, response);
  });
  server.on("connect", (_request, socket: Socket) => socket.destroy());
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const before = answering.get(socket as Socket);
    // Behind a good request: an answer now would be taken for that request's.
    if (before === undefined || before.writableFinished) malformed(socket as Socket, reasonOf(error), door);
    else before.once("close", () => socket.destroy());
  });
  return server;
}

function reasonOf({ code }: NodeJS.ErrnoException): ReasonCode {
  if (code === "HPE_HEADER_OVERFLOW") return "headers-too-large";
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? "headers-timeout" : "malformed-request";
}

function listening(server: Server, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => resolve());
    listen();
  });
}

function listenerOf(server: Server): AdminListener {
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const deadline = setTimeout(() => server.closeAllConnections(), closeGraceMs);
      await closed;
      clearTimeout(deadline);
    },
  };
}
