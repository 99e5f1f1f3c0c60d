import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type ServerOptions,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import type { ConnectionEnd } from "#model/connection-ends.ts";
import type { Refusal } from "#model/decision.ts";
import { Exchange } from "#model/exchange.ts";
import type { Connection } from "./connection.ts";
import type { EdgeContext } from "./context.ts";
import { isDeclined } from "./handshake-failure.ts";
import { Http2Body, Http2Tunnel } from "./http2-body.ts";
import { Http2Client } from "./http2-client.ts";
import { Http2Intake } from "./http2-intake.ts";
import { problemBody, problemHeaders, statusOf } from "./problem-body.ts";
import { ResetMeter } from "./reset-meter.ts";

function http2Options(context: EdgeContext): ServerOptions {
  const { limits } = context.settings;
  return {
    settings: {
      enablePush: false,
      enableConnectProtocol: true,
      maxConcurrentStreams: 100,
      maxHeaderListSize: limits.headerBytes,
      initialWindowSize: 256 * 1024,
    },
    maxHeaderListPairs: limits.headerCount + 8,
    maxSettings: 32,
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
    maxOutstandingPings: 10,
    // Behind the meter below, which is stricter and says why.
    streamResetBurst: 200,
    streamResetRate: 100,
    maxSessionMemory: 10,
    strictSingleValueFields: false,
  };
}

/** What is remembered of one session. */
interface SessionState {
  readonly connection: Connection;
  readonly resets: ResetMeter;
  /** How long it may be idle, in milliseconds, since its first request; before that, 0. */
  idleMs: number;
}

/** HTTP/2 on sockets that a TLS server hands over. Only the stream listener: a `request` listener costs half as much again. */
export class Http2Protocol {
  readonly #context: EdgeContext;
  readonly #intake: Http2Intake;
  readonly #server: Http2Server;
  /** The `session` event comes within `emit`, and its socket is a proxy that no map knows. */
  #next: Connection | null = null;
  readonly #sessions = new Map<ServerHttp2Session, SessionState>();

  constructor(context: EdgeContext) {
    this.#context = context;
    this.#intake = new Http2Intake(context);
    this.#server = createServer(http2Options(context));
    this.#server.on("session", (session) => this.#session(session));
    this.#server.on("stream", (stream, _headers, flags, raw) => this.#stream(stream as ServerHttp2Stream, flags, raw));
    this.#server.on("sessionError", () => {});
  }

  adopt(socket: TLSSocket, connection: Connection): void {
    this.#next = connection;
    // A stream ends its direction by a flag. A client that ends the connection's has gone: it must hold neither the
    // socket nor what is under way until they are idle for too long.
    socket.allowHalfOpen = false;
    this.#server.emit("connection", socket);
    this.#next = null;
  }

  /** GOAWAY: no new streams, the open ones finish. */
  close(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  #session(session: ServerHttp2Session): void {
    if (this.#next === null) {
      session.destroy();
      return;
    }
    const { limits } = this.#context.settings;
    const state = { connection: this.#next, resets: new ResetMeter(this.#context.options.clock), idleMs: 0 };
    this.#sessions.set(session, state);
    const { connection } = state;
    this.#context.sweeper.add(connection);
    session.on("close", () => {
      this.#sessions.delete(session);
      this.#context.sweeper.remove(connection);
    });
    session.on("error", (error: NodeJS.ErrnoException) => {
      const end = endOf(error);
      if (end !== null) this.#context.ended.note(end, connection.peerAddress);
      session.destroy();
    });
    // Until the first stream the client is as slow as one that never ends its header.
    session.setTimeout(limits.headersTimeoutMs);
    // What `setTimeout` is given hears of it once, which may be while a stream is open.
    session.on("timeout", () => this.#idle(session));
    if (this.#context.draining) session.close();
  }

  #idle(session: ServerHttp2Session): void {
    const state = this.#sessions.get(session);
    if (state === undefined || state.connection.active.size > 0) return;
    session.close();
    state.connection.socket.destroySoon();
  }

  #stream(stream: ServerHttp2Stream, flags: number, raw: readonly string[]): void {
    const session = stream.session as ServerHttp2Session | undefined;
    const state = session === undefined ? undefined : this.#sessions.get(session);
    stream.on("error", ignore);
    if (session === undefined || state === undefined) {
      stream.destroy();
      return;
    }
    if (stream.destroyed || stream.closed) {
      this.#countReset(session, state, stream);
      return;
    }
    stream.on("aborted", () => this.#countReset(session, state, stream));
    const { idleTimeoutMs } = this.#context.settings.limits;
    if (state.idleMs !== idleTimeoutMs) {
      state.idleMs = idleTimeoutMs;
      session.setTimeout(idleTimeoutMs);
    }
    const refusal = this.#intake.judge(raw, state.connection) ?? this.#intake.judgeProxy(raw);
    if (refusal === null) this.#exchange(stream, flags, raw, state.connection);
    else this.#refuse(refusal, stream, state.connection);
  }

  #exchange(stream: ServerHttp2Stream, flags: number, raw: readonly string[], connection: Connection): void {
    const ends = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    const { settings, sweeper } = this.#context;
    if (this.#intake.protocol !== null) return this.#connect(stream, raw, connection);
    const { bodyLength, expectsContinue } = this.#intake;
    const { bodyBytes } = settings.limits;
    const body = ends ? null : new Http2Body(stream, bodyLength, expectsContinue, bodyBytes, sweeper);
    const facts = this.#intake.facts(raw, connection, body);
    const client = new Http2Client(this.#context, connection, stream, body, facts.method === "HEAD");
    this.#context.deliver(new Exchange(facts, client));
  }

  /** An extended CONNECT: its stream is no body of a request, but what is spoken once it is taken. */
  #connect(stream: ServerHttp2Stream, raw: readonly string[], connection: Connection): void {
    const tunnel = new Http2Tunnel(stream, this.#context.sweeper);
    const facts = this.#intake.facts(raw, connection, null);
    const client = new Http2Client(this.#context, connection, stream, tunnel, false);
    client.tunnel = tunnel;
    this.#context.deliver(new Exchange(facts, client));
  }

  #refuse(refusal: Refusal, stream: ServerHttp2Stream, connection: Connection): void {
    const id = this.#context.options.newId();
    const body = problemBody(refusal, id);
    const fields = [":status", String(statusOf(refusal)), ...problemHeaders(refusal, id)];
    fields.push("content-length", String(body.byteLength));
    stream.on("finish", () => stream.close(constants.NGHTTP2_NO_ERROR));
    const endStream = this.#intake.method === "HEAD";
    const answer = (): void => {
      if (stream.destroyed) return;
      stream.respond(fields, { endStream });
      if (!stream.writableEnded) stream.end(body);
    };
    const bodyBytes = endStream ? 0 : body.byteLength;
    this.#report(refusal, id, connection, bodyBytes, answer, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
  }

  /** CVE-2023-44487: a client that opens and resets streams makes work without ever filling its allowance of them. */
  #countReset(session: ServerHttp2Session, state: SessionState, stream: ServerHttp2Stream): void {
    if (stream.rstCode === constants.NGHTTP2_NO_ERROR || !state.resets.over()) return;
    if (session.destroyed) return;
    this.#context.options.log.warn("HTTP/2 rapid reset", { peer: state.connection.peerAddress });
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
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

function ignore(): void {}

/** Null for failures of the transport: an idle session ends as it likes. */
function endOf({ code = "" }: NodeJS.ErrnoException): ConnectionEnd | null {
  if (code.startsWith("ERR_HTTP2_")) return "http2-malformed";
  return isDeclined(code) ? "tls-certificate-declined" : null;
}
