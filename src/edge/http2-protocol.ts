import type { Refusal } from "#model/decision.ts";
import { Exchange } from "#model/exchange.ts";
import { errorCode } from "#wire/http2/frame-names.ts";
import type { FieldBlock } from "#wire/http2/header-decoder.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { isDeclined } from "./handshake-failure.ts";
import { Http2Body, Http2Tunnel } from "./http2-body.ts";
import { Http2Client } from "./http2-client.ts";
import { Http2Connection, type Http2Owner } from "./http2-connection.ts";
import { Http2Intake } from "./http2-intake.ts";
import { prepareFields } from "./http2-response-fields.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { problemBody, problemHeaders, statusOf } from "./problem-body.ts";
import { refusals } from "./refusals.ts";

/** HTTP/2 on sockets that a TLS server hands over: requests become exchanges. */
export class Http2Protocol implements Http2Owner {
  readonly #context: EdgeContext;
  readonly #intake: Http2Intake;
  readonly #connections = new Set<Http2Connection>();

  constructor(context: EdgeContext) {
    this.#context = context;
    this.#intake = new Http2Intake(context);
  }

  adopt(facts: Connection): void {
    const connection = new Http2Connection(this.#context, facts, this);
    this.#connections.add(connection);
    this.#context.sweeper.add(connection);
    connection.open();
    if (this.#context.draining) connection.close();
  }

  /** GOAWAY: no new streams, the open ones finish. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  closed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    this.#context.sweeper.remove(connection);
  }

  malformed({ facts }: Http2Connection): void {
    this.#context.ended.note("http2-malformed", facts.peerAddress);
  }

  tooManyResets({ facts }: Http2Connection): void {
    this.#context.options.log.warn("HTTP/2 rapid reset", { peer: facts.peerAddress });
  }

  /** Nothing of failures of the transport: an idle connection ends as it likes. */
  failed({ facts }: Http2Connection, { code = "" }: NodeJS.ErrnoException): void {
    if (isDeclined(code)) this.#context.ended.note("tls-certificate-declined", facts.peerAddress);
  }

  request(connection: Http2Connection, stream: Http2Stream, { fields, isTooLarge }: FieldBlock): void {
    const { facts } = connection;
    const judged = this.#intake.judge(fields, facts);
    const refusal = isTooLarge ? refusals.headerBytes : (judged ?? this.#intake.judgeProxy(fields));
    if (refusal !== null) this.#refuse(refusal, stream, facts);
    else if (this.#isShort(stream)) connection.breakStream(stream, errorCode.protocol);
    else if (this.#intake.protocol !== null) this.#connect(stream, fields, facts);
    else this.#exchange(stream, fields, facts);
  }

  /** Its head says that there is a body, and is its end. @see RFC 9113 §8.1.1 */
  #isShort(stream: Http2Stream): boolean {
    return stream.hasEnded && (this.#intake.bodyLength ?? 0) > 0;
  }

  #exchange(stream: Http2Stream, fields: readonly string[], connection: Connection): void {
    const { settings, sweeper } = this.#context;
    const { bodyLength, expectsContinue } = this.#intake;
    const { bodyBytes } = settings.limits;
    const body = stream.hasEnded ? null : new Http2Body(stream, bodyLength, expectsContinue, bodyBytes, sweeper);
    const facts = this.#intake.facts(fields, connection, body);
    const client = new Http2Client(this.#context, connection, stream, body, facts.method === "HEAD");
    this.#context.deliver(new Exchange(facts, client));
  }

  /** An extended CONNECT: its stream is no body of a request, but what is spoken once it is taken. */
  #connect(stream: Http2Stream, fields: readonly string[], connection: Connection): void {
    const tunnel = new Http2Tunnel(stream, this.#context.sweeper);
    if (stream.hasEnded) stream.body?.push(null);
    const facts = this.#intake.facts(fields, connection, null);
    const client = new Http2Client(this.#context, connection, stream, tunnel, false);
    client.tunnel = tunnel;
    this.#context.deliver(new Exchange(facts, client));
  }

  #refuse(refusal: Refusal, stream: Http2Stream, connection: Connection): void {
    const id = this.#context.options.newId();
    const body = problemBody(refusal, id);
    const fields = [":status", String(statusOf(refusal)), ...problemHeaders(refusal, id)];
    fields.push("content-length", String(body.byteLength), "date", this.#context.date.text());
    const isHead = this.#intake.method === "HEAD";
    const answer = (): void => {
      stream.respond(prepareFields(fields, 2), isHead);
      stream.finish(isHead ? null : body, null);
    };
    const bodyBytes = isHead ? 0 : body.byteLength;
    this.#report(refusal, id, connection, bodyBytes, answer, () => stream.reset(errorCode.internal));
  }

  #report(
    refusal: Refusal,
    id: string,
    connection: Connection,
    bodyBytes: number,
    answer: () => void,
    giveUp: () => void,
  ): void {
    const facts = {
      id,
      reason: refusal.reason,
      status: statusOf(refusal),
      detail: refusal.detail ?? "",
      protocol: "HTTP/2",
      method: this.#intake.method,
      target: this.#intake.path,
      host: this.#intake.host,
      peerAddress: connection.peerAddress,
      scheme: connection.scheme,
      bodyBytes,
    };
    this.#context.refused(facts, answer, giveUp);
  }
}
