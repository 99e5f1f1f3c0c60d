import type { ConnectionEnd } from "#model/connection-ends.ts";
import type { Refusal } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import { Exchange } from "#model/exchange.ts";
import { chunkedBody } from "#wire/http1-framing.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { isDeclined } from "./handshake-failure.ts";
import { Http1Body } from "./http1-body.ts";
import { Http1Client } from "./http1-client.ts";
import { Http1Connection, type Http1Owner } from "./http1-connection.ts";
import type { IncomingRequest } from "./http1-incoming.ts";
import { Http1Intake } from "./http1-intake.ts";
import { noMore, type RequestHead } from "./http1-request-parser.ts";
import type { Http1Response } from "./http1-response.ts";
import { endAfterLinger } from "./linger.ts";
import { problemBody, problemHeaders, statusOf } from "./problem-body.ts";
import type { Divert } from "./redirect.ts";
import { refusals } from "./refusals.ts";
import { offeredProtocol } from "./upgrade-offer.ts";

/** More requests in flight on one connection than any client pipelines: each of them holds memory. */
const maxPipelined = 100;

/** Refused in their turn behind other requests, since they are requests; what is none at all gets no answer there. */
const answeredInTurn: ReadonlySet<Refusal> = new Set([refusals.requestLine, refusals.version]);

/** HTTP/1.x on the listeners of one kind: requests become exchanges, or go where `divert` sends them. */
export class Http1Protocol implements Http1Owner {
  readonly #context: EdgeContext;
  readonly #intake: Http1Intake;
  readonly #connections = new Set<Http1Connection>();
  readonly #divert: Divert | null;

  constructor(context: EdgeContext, divert: Divert | null) {
    this.#context = context;
    this.#intake = new Http1Intake(context);
    this.#divert = divert;
  }

  adopt(facts: Connection): void {
    const connection = new Http1Connection(this.#context, facts, this);
    this.#connections.add(connection);
    this.#context.sweeper.add(connection);
    connection.open();
  }

  /** Ends the connections that nothing is under way on. */
  closeIdle(): void {
    for (const { socket, facts } of this.#connections) if (facts.active.size === 0) socket.destroy();
  }

  closed(connection: Http1Connection): void {
    this.#connections.delete(connection);
    this.#context.sweeper.remove(connection);
  }

  request(connection: Http1Connection, head: RequestHead): number {
    const { facts } = connection;
    const isHead = head.method === "HEAD";
    const crowded = facts.active.size >= maxPipelined;
    const refusal = crowded ? refusals.pipelined : this.#intake.judge(head, facts);
    if (refusal !== null) return this.#refuse(refusal, connection, head);
    const { keepAlive, isLast, bodyLength } = this.#intake;
    const isClear = this.#divert !== null && !this.#context.servesClear(facts.localPort, this.#intake.host);
    const unproved = isClear ? null : this.#intake.judgeProxy(head.fields);
    if (unproved !== null) return this.#refuse(unproved, connection, head);
    const isAlone = facts.active.size === 0;
    // The answers of `divert` end their connections, and may be long in coming.
    facts.last = isLast || isClear;
    connection.saidClose = !keepAlive;
    const request = connection.receive(head, bodyLength !== -1);
    const response = connection.respond(isHead, head.minor, !isLast);
    if (isClear) this.#divert(this.#intake, response);
    else if (this.#exchange(request, response, connection, isAlone)) return noMore;
    return bodyLength === undefined ? chunkedBody : Math.max(0, bodyLength);
  }

  /** An offer behind other requests is taken for an ordinary one: their answers are still to be written. */
  #exchange(request: IncomingRequest, response: Http1Response, connection: Http1Connection, isAlone: boolean): boolean {
    const { facts } = connection;
    const body = this.#bodyOf(request, response);
    const offered = isAlone ? offeredProtocol(request.head) : null;
    const exchange = this.#intake.facts(request.head, facts, body, offered);
    const client = new Http1Client(this.#context, connection, request, response, body);
    if (offered !== null) client.offer(offered);
    this.#context.deliver(new Exchange(exchange, client));
    return offered !== null;
  }

  #bodyOf(request: IncomingRequest, response: Http1Response): Http1Body | null {
    if (request.body === null) return null;
    const { settings, sweeper } = this.#context;
    const { bodyLength, expectsContinue } = this.#intake;
    const limit = settings.limits.bodyBytes;
    return new Http1Body(request, request.body, response, bodyLength, expectsContinue, limit, sweeper);
  }

  /** What is pipelined behind a refused request may be part of it. @returns that no more is read */
  #refuse(refusal: Refusal, connection: Http1Connection, head: RequestHead | null): number {
    const { facts } = connection;
    facts.broken = true;
    facts.refusing = true;
    connection.stopParsing();
    const id = this.#context.options.newId();
    const body = problemBody(refusal, id);
    const fields = problemHeaders(refusal, id);
    const isHead = head?.method === "HEAD";
    const response = connection.respond(isHead, head?.minor ?? 1, false);
    this.#report(refusal, id, facts, head, isHead ? 0 : body.byteLength, () =>
      response.answer(statusOf(refusal), fields, body),
    );
    return noMore;
  }

  /**
   * A request that is already executing keeps its answer: what follows it on the connection is none of its doing.
   * What was wrong with its body stands in the record of that request.
   */
  malformed(connection: Http1Connection, refusal: Refusal): void {
    const { facts } = connection;
    if (facts.broken) return;
    facts.broken = true;
    if (this.#breakBodies(facts)) return;
    const isBehind = refusal === refusals.behind;
    if (!isBehind && (facts.active.size === 0 || answeredInTurn.has(refusal))) {
      this.#refuse(refusal, connection, null);
      return;
    }
    this.#report(refusal, this.#context.options.newId(), facts, null, 0, () => {
      if (facts.active.size === 0) endAfterLinger(connection.socket);
    });
  }

  failed({ facts }: Http1Connection, error: NodeJS.ErrnoException | null): void {
    if (facts.broken || facts.active.size > 0) return;
    const end = endOf(error);
    if (end !== null) this.#context.ended.note(end, facts.peerAddress);
  }

  /** A body with a malformed chunk ends there for whoever reads it. @returns false: nobody does */
  #breakBodies({ active }: Connection): boolean {
    const error = new GatewayError("client-malformed", 400, "the request body is malformed", {
      source: "client",
      expose: true,
    });
    let isBroken = false;
    active.visit((exchange) => {
      if (exchange.bodyBroken(error)) isBroken = true;
    });
    return isBroken;
  }

  #report(
    refusal: Refusal,
    id: string,
    connection: Connection,
    head: RequestHead | null,
    bodyBytes: number,
    answer: () => void,
  ): void {
    const facts = {
      id,
      reason: refusal.reason,
      status: statusOf(refusal),
      detail: refusal.detail ?? "",
      protocol: head === null ? "HTTP/1.1" : `HTTP/1.${head.minor}`,
      method: head?.method ?? "",
      target: shownTarget(head?.target ?? ""),
      host: head === null ? "" : this.#intake.host,
      peerAddress: connection.peerAddress,
      scheme: connection.scheme,
      bodyBytes,
    };
    this.#context.refused(facts, answer, () => connection.socket.destroy());
  }
}

/** Null for one that had nothing under way: idle connections end as they like. */
function endOf(error: NodeJS.ErrnoException | null): ConnectionEnd | null {
  if (error === null) return "client-gone";
  return isDeclined(error.code ?? "") ? "tls-certificate-declined" : null;
}

/** What the record may show of a target: no query, and no user information, which is a password as often as not. */
function shownTarget(target: string): string {
  const [path = ""] = target.split("?", 1);
  return path.startsWith("/") ? path : path.replace(/[^/]*@/, "");
}
