import type { Buffer } from "node:buffer";
import type { IncomingMessage, Server, ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { Refusal } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import { Exchange } from "#model/exchange.ts";
import type { ConnectionEnd } from "#model/connection-ends.ts";
import { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { isDeclined } from "./handshake-failure.ts";
import { refusals } from "./refusals.ts";
import { Http1Body } from "./http1-body.ts";
import { Http1Client, OwnedResponse } from "./http1-client.ts";
import { Http1Intake } from "./http1-intake.ts";
import { endAfterLinger, linger } from "./linger.ts";
import { RequestLines } from "./request-line.ts";
import { parseFailureOf, rawProblem } from "./parse-failure.ts";
import { offeredProtocol } from "./upgrade-offer.ts";
import { problemBody, problemHeaders, statusOf } from "./problem-body.ts";

/** More requests in flight on one connection than any client pipelines: each of them holds memory. */
const maxPipelined = 100;

export function http1Options(
  context: EdgeContext,
  protocol: Http1Protocol,
): ServerOptions<typeof IncomingMessage, typeof OwnedResponse> {
  const { limits } = context.settings;
  return {
    ServerResponse: OwnedResponse,
    shouldUpgradeCallback: (request) => protocol.offers(request),
    insecureHTTPParser: false,
    // A missing Host is refused by the intake, so that the refusal is recorded.
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersTimeoutMs,
    // Bodies have their own idle time-out; a whole request may take long.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, Math.max(20, Math.floor(limits.headersTimeoutMs / 4))),
    noDelay: true,
    optimizeEmptyRequests: true,
  };
}

/** HTTP/1.x on one server: requests become exchanges, or go where `divert` sends them. */
export class Http1Protocol {
  readonly #context: EdgeContext;
  readonly #intake: Http1Intake;
  readonly #connections = new Map<Socket, Connection>();
  readonly #divert: ((intake: Http1Intake, response: OwnedResponse) => void) | null;

  constructor(context: EdgeContext, divert: ((intake: Http1Intake, response: OwnedResponse) => void) | null) {
    this.#context = context;
    this.#intake = new Http1Intake(context);
    this.#divert = divert;
  }

  attach(server: Server<typeof IncomingMessage, typeof OwnedResponse>): void {
    const onRequest = (request: IncomingMessage, response: OwnedResponse): void =>
      this.#request(request, response, null);
    // Node cuts longer lists short without a word; the intake counts and refuses.
    server.maxHeadersCount = 0;
    server.on("request", onRequest);
    server.on("checkContinue", onRequest);
    server.on("checkExpectation", onRequest);
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    server.on("connect", (request, socket) => this.#connect(request, socket as Socket));
    server.on("clientError", (error, socket) => this.#clientError(error, socket as Socket));
    server.removeAllListeners("tlsClientError");
  }

  adopt(connection: Connection): void {
    const { socket } = connection;
    connection.lines = new RequestLines(socket, this.#context.options.settings.limits.headerBytes);
    this.#connections.set(socket, connection);
    this.#context.sweeper.add(connection);
    socket.on("close", () => {
      this.#connections.delete(socket);
      this.#context.sweeper.remove(connection);
    });
  }

  /** Node has made the connection's parser. */
  parses(socket: Socket): void {
    this.#connections.get(socket)?.lines?.watch();
  }

  /** Ends the connections that nothing is under way on. */
  closeIdle(): void {
    for (const [socket, { active }] of this.#connections) if (active.size === 0) socket.destroy();
  }

  /** An offer behind other requests is taken for an ordinary one: their answers are still to be written. */
  offers(request: IncomingMessage): boolean {
    const { broken, last, active } = this.#connectionOf(request.socket);
    return !broken && !last && active.size === 0 && offeredProtocol(request) !== null;
  }

  /** From here on the parser sees nothing of this connection any more, whatever becomes of the offer. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const response = new OwnedResponse(request);
    response.assignSocket(socket);
    socket.on("error", () => socket.destroy());
    response.on("finish", () => {
      response.detachSocket(socket);
      endAfterLinger(socket);
    });
    this.#request(request, response, head);
  }

  /** @param head what came behind an offer to upgrade that may be taken; null for any other request */
  #request(request: IncomingMessage, response: OwnedResponse, head: Buffer | null): void {
    const connection = this.#connectionOf(request.socket);
    // What is pipelined behind a refused request may be part of it.
    if (connection.broken || connection.last) return;
    const crowded = connection.active.size >= maxPipelined;
    const refusal = crowded ? refusals.pipelined : this.#intake.judge(request, connection);
    if (refusal !== null) return this.#refuse(refusal, request, response, connection);
    if (this.#intake.isLast) makeLast(response, connection);
    if (this.#divert !== null && !this.#context.servesClear(connection.localPort, this.#intake.host)) {
      return this.#divert(this.#intake, response);
    }
    const unproved = this.#intake.judgeProxy(request.rawHeaders);
    if (unproved !== null) return this.#refuse(unproved, request, response, connection);
    return this.#exchange(request, response, connection, head);
  }

  #connectionOf(socket: Socket): Connection {
    const known = this.#connections.get(socket);
    if (known !== undefined) return known;
    const connection = new Connection(socket, this.#context.peerOf(socket), null, null, null, null);
    this.adopt(connection);
    return connection;
  }

  #exchange(request: IncomingMessage, response: OwnedResponse, connection: Connection, head: Buffer | null): void {
    const { bodyLength } = this.#intake;
    const body = bodyLength === -1 ? null : this.#body(request, response, bodyLength);
    const facts = this.#intake.facts(request, connection, body, head === null ? null : offeredProtocol(request));
    const client = new Http1Client(this.#context, connection, request, response, body);
    if (facts.upgrade !== null && head !== null) client.offer(facts.upgrade, head);
    this.#context.deliver(new Exchange(facts, client));
  }

  #body(request: IncomingMessage, response: OwnedResponse, length: number | undefined): Http1Body {
    const { settings, sweeper } = this.#context;
    const { expectsContinue } = this.#intake;
    return new Http1Body(request, response, length, expectsContinue, settings.limits.bodyBytes, sweeper);
  }

  #refuse(refusal: Refusal, request: IncomingMessage, response: OwnedResponse, connection: Connection): void {
    connection.broken = true;
    connection.refusing = true;
    linger(connection.socket);
    const id = this.#context.options.newId();
    const body = problemBody(refusal, id);
    const fields = problemHeaders(refusal, id);
    fields.push("Content-Length", String(body.byteLength), "Connection", "close");
    const bodyBytes = request.method === "HEAD" ? 0 : body.byteLength;
    this.#report(refusal, id, connection, request, bodyBytes, () => {
      response.writeHead(statusOf(refusal), fields);
      response.end(body);
    });
  }

  #connect(request: IncomingMessage, socket: Socket): void {
    const connection = this.#connectionOf(socket);
    socket.on("error", () => socket.destroy());
    const id = this.#context.options.newId();
    const { bytes, bodyBytes } = rawProblem(refusals.method, id);
    this.#report(refusals.method, id, connection, request, bodyBytes, () => answerRaw(bytes, connection));
  }

  /**
   * The parser gave up. A request that is already executing keeps its answer: what follows it on the connection is
   * none of its doing. The default would answer 400 in its place.
   */
  #clientError(error: NodeJS.ErrnoException, socket: Socket): void {
    const connection = this.#connectionOf(socket);
    const failure = parseFailureOf(error);
    const again = connection.broken;
    connection.broken = true;
    if (failure === null || socket.destroyed) {
      const end = again || connection.active.size > 0 ? null : endOf(error);
      if (end !== null) this.#context.ended.note(end, connection.peerAddress);
      socket.destroy();
      return;
    }
    // What was wrong with its body stands in the record of that request.
    if (again || this.#breakBodies(connection)) return;
    const id = this.#context.options.newId();
    const isFree = connection.active.size === 0;
    const answer = rawProblem(failure.refusal, id);
    const sent = isFree && failure.answer ? answer : { bytes: null, bodyBytes: 0 };
    const then = isFree ? (): void => answerRaw(sent.bytes, connection) : (): void => {};
    this.#report(failure.refusal, id, connection, null, sent.bodyBytes, then);
  }

  /** A body with a malformed chunk ends there for whoever reads it. @returns false: nobody does */
  #breakBodies(connection: Connection): boolean {
    const error = new GatewayError("client-malformed", 400, "the request body is malformed", {
      source: "client",
      expose: true,
    });
    let isBroken = false;
    connection.active.visit((exchange) => {
      if (exchange.bodyBroken(error)) isBroken = true;
    });
    return isBroken;
  }

  #report(
    refusal: Refusal,
    id: string,
    connection: Connection,
    request: IncomingMessage | null,
    bodyBytes: number,
    answer: () => void,
  ): void {
    const facts = {
      id,
      reason: refusal.reason,
      status: statusOf(refusal),
      detail: refusal.detail ?? "",
      protocol: request === null ? "HTTP/1.1" : `HTTP/${request.httpVersion}`,
      method: request?.method ?? "",
      target: shownTarget(request?.url ?? ""),
      host: request === null ? "" : this.#intake.host,
      peerAddress: connection.peerAddress,
      scheme: connection.scheme,
      bodyBytes,
    };
    this.#context.refused(facts, answer, () => connection.socket.destroy());
  }
}

/** Null for one that had nothing under way: idle connections end as they like. */
function endOf({ code = "" }: NodeJS.ErrnoException): ConnectionEnd | null {
  if (code === "HPE_INVALID_EOF_STATE") return "client-gone";
  return isDeclined(code) ? "tls-certificate-declined" : null;
}

function answerRaw(bytes: Buffer | null, { socket }: Connection): void {
  if (bytes !== null && socket.writable) socket.write(bytes);
  endAfterLinger(socket);
  socket.resume();
}

/** What the record may show of a target: no query, and no user information, which is a password as often as not. */
function shownTarget(target: string): string {
  const [path = ""] = target.split("?", 1);
  return path.startsWith("/") ? path : path.replace(/[^/]*@/, "");
}

/** The request on it is its last one. */
function makeLast(response: OwnedResponse, connection: Connection): void {
  connection.last = true;
  response.shouldKeepAlive = false;
  linger(connection.socket);
}
