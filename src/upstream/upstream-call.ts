import type { BodySource, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, RequestDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, UpstreamResponse } from "#model/ports.ts";
import { attemptSpanId, traceparentOf } from "#model/trace.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { isEventStream } from "#wire/event-stream.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import type { TimerWheel } from "#wire/timer-wheel.ts";
import type { ProxyRoute } from "#wire/tunnel.ts";
import type { PoolUser, Progress, RequestHead, Transport, TransportPool, TransportUser } from "#wire/transport.ts";
import type { Placed } from "#lib/dense-set.ts";
import { draftHead } from "./draft-head.ts";
import { RequestUpload, type UploadOwner } from "./request-upload.ts";
import { ResponseBody, type BodyOrigin } from "./response-body.ts";
import { FailedAttempts } from "./retry/failed-attempts.ts";
import { proxyRefused, refusesProxyLogin } from "./proxy-route.ts";
import { switchProblem } from "./switch-protocols.ts";
import { SwitchedConnection, type SwitchOwner } from "./switched-connection.ts";
import type { UpstreamTarget } from "./target.ts";
import type { TargetSet } from "./target-set.ts";
import type { Way } from "./way-pool.ts";
import { withoutTrailers } from "./without-trailers.ts";

/** What a call needs from the forwarder it belongs to. */
export interface CallHost {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  /** The call is over, or has nothing left that an abort would have to end. */
  done(call: UpstreamCall, exchange: Exchange): void;
  /** @returns whether it may be started: a body can be read once. */
  claimBody(body: BodySource): boolean;
}

type Settle = (response: UpstreamResponse) => void;
type Fail = (error: unknown) => void;

/** Sending what is safe to send twice needs no answer to know that nothing bad came of the first time. RFC 9110 §9.2.2 */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

const defaultTimeoutMs = 60_000;

/** One exchange with an upstream: from the choice of a target to the end of the response's body. */
export class UpstreamCall implements PoolUser, TransportUser, BodyOrigin, UploadOwner, SwitchOwner, Placed {
  place = -1;
  readonly switches: boolean;
  readonly #host: CallHost;
  readonly #exchange: Exchange;
  readonly #set: TargetSet;
  readonly #proxy: ProxyRoute | null;
  /** Retries go the same one. */
  readonly #way: Way | null;
  readonly #startedAt: number;
  #resolve: Settle | null = null;
  #reject: Fail | null = null;
  #target: UpstreamTarget | null = null;
  /** Of the attempt, for the target's breaker. */
  #era = 0;
  /** Of the target, by the way that the request takes. */
  #pool: TransportPool | null = null;
  #transport: Transport | null = null;
  #head: RequestHead | null = null;
  #address = "";
  #reused = false;
  /** The peer was closing the connection: sent again on a fresh one. */
  #repeated = false;
  #tries = 0;
  /** Of a request that the policy `retry` has sent before. */
  readonly #triesBefore: number;
  #attemptAt: number;
  #connectMs = 0;
  /** A connection that is at hand costs no look at the clock. */
  #acquiring = false;
  #failures: FailedAttempts | null = null;
  #upload: RequestUpload | null = null;
  #body: ResponseBody | null = null;
  /** After a 101. */
  #switched: SwitchedConnection | null = null;
  #over = false;

  constructor(host: CallHost, exchange: Exchange, set: TargetSet, proxy: ProxyRoute | null) {
    this.#proxy = proxy;
    this.#way = wayOf(exchange.request, proxy);
    this.#host = host;
    this.#exchange = exchange;
    this.switches = exchange.facts.upgrade !== null;
    this.#set = set;
    this.#triesBefore = exchange.upstream?.tries ?? 0;
    this.#startedAt = host.clock.mono();
    this.#attemptAt = this.#startedAt;
  }

  get clientAddress(): string {
    return this.#exchange.facts.clientAddress;
  }

  run(resolve: Settle, reject: Fail): void {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#set.retries?.began();
    const { pending } = this.#set;
    if (pending === null) this.#next();
    else void pending.then(() => this.#next());
  }

  /** The client went away: nothing of this is wanted any more, and the upstream is to notice at once. */
  abort(): void {
    this.#giveUp(new GatewayError("client-aborted", 499, "the client went away", { source: "client" }));
  }

  /** Another attempt at the same exchange begins (a retry policy): the response so far is dropped. @returns false when there is none yet. */
  supersede(): boolean {
    if (this.#reject !== null) return false;
    this.#body?.detach();
    this.abandon();
    return true;
  }

  /** The forwarder is closing. */
  shutDown(): void {
    this.#giveUp(new GatewayError("upstream-unavailable", 503, "the gateway is shutting down"));
  }

  connected(transport: Transport, reused: boolean): void {
    this.#transport = transport;
    this.#address = transport.address;
    this.#reused = reused;
    this.#connectMs = this.#acquiring ? 0 : this.#attemptedMs();
    if (!reused) this.#target?.health.connected();
    const { body } = this.#exchange.request;
    const stream = body === undefined ? this.#exchange.facts.body : null;
    const head = this.#head as RequestHead;
    // Without retries the time to connect is not taken from that to answer.
    const timeoutMs = this.#set.retries?.attemptMs(this.#leftMs()) ?? this.#timeoutMs();
    transport.send(this, head, body ?? null, stream === null, timeoutMs);
    if (stream === null || this.#transport !== transport) return;
    this.#upload ??= this.#uploadOf(stream);
    this.#upload.sendTo(transport, head.expects);
  }

  refused(error: GatewayError): void {
    const { code } = error;
    if (code !== "upstream-unavailable" && code !== "upstream-connect-failed") return this.#fail(error);
    const target = this.#target as UpstreamTarget;
    if (code === "upstream-connect-failed") target.health.connectFailed(this.#era);
    // Nothing has been sent, so another target may take it whatever the method.
    const failures = this.#failuresWith(target);
    const other = failures.another();
    if (other !== null) {
      failures.note(target, code, error.message, this.#attemptedMs());
      this.#attempt(other);
    } else if (code === "upstream-unavailable" || !this.#retry("unprocessed", code, error.message)) this.#fail(error);
  }

  interim(status: number, fields: string[]): void {
    if (status === 100) return this.#upload?.goOn();
    const { client } = this.#exchange;
    if (status !== 103 || client.headSent) return;
    client.informational(103, stripHopByHop(new HeaderList(fields), false));
  }

  head(head: ResponseHead): void {
    if (refusesProxyLogin(head, this.#proxy, this.#target?.destination.secure)) return this.#giveUp(proxyRefused());
    const health = (this.#target as UpstreamTarget).health;
    const headers = new HeaderList(head.fields);
    if (health.isWatching) health.answered(head.status, this.#attemptedMs(), headers, this.#era);
    if (
      this.#set.retries?.isOnStatus(head.status) === true &&
      this.#retry("answered", undefined, `status ${head.status}`)
    ) {
      return;
    }
    this.#note(head.status);
    if (head.status === 101) return this.#switch(head);
    this.#upload?.answered(head.status);
    const { body, declaredLength } = head.framing;
    if (body !== 0) this.#body = new ResponseBody(body > 0 ? declaredLength : undefined, this);
    const shown = stripHopByHop(headers, false);
    // Said of this connection's framing only; whether there is room for trailers on the client's is known there.
    const trailers = body < 0 ? headers.joined("trailer") : undefined;
    if (trailers !== undefined) shown.append("Trailer", trailers);
    if (isEventStream(shown)) this.#transport?.allowSilence(this.#exchange.request.streamIdleMs);
    const cookie = this.#set.cookieFor(this.#target as UpstreamTarget, this.#exchange);
    if (cookie !== undefined) shown.append("Set-Cookie", cookie);
    this.#resolve?.({
      status: head.status,
      statusText: head.statusText,
      headers: shown,
      body: this.#body,
      carry: null,
    });
    this.#resolve = null;
    this.#reject = null;
  }

  #switch({ status, statusText, fields }: ResponseHead): void {
    const problem = switchProblem(fields, this.#exchange);
    if (problem !== null) {
      const text = `the upstream's switch of protocols is malformed: ${problem}`;
      return this.#giveUp(new GatewayError("upstream-malformed", 502, text, { source: "upstream" }));
    }
    const transport = this.#transport as Transport;
    const switched = new SwitchedConnection(transport, this);
    this.#switched = switched;
    this.#body = new ResponseBody(undefined, this);
    transport.allowSilence(this.#exchange.request.streamIdleMs);
    const headers = stripHopByHop(new HeaderList(fields), false);
    const carry = (source: TunnelSource): void => switched.carry(source);
    this.#resolve?.({ status, statusText, headers, body: this.#body, carry });
    this.#resolve = null;
    this.#reject = null;
  }

  data(chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  lent(chunk: Uint8Array): void {
    this.#body?.lent(chunk);
  }

  end(trailers: string[] | null): void {
    if (this.#switched?.peerEnds() === false) return this.#body?.finish(null);
    this.#finished();
    this.#upload?.stop();
    this.#body?.finish(trailers === null ? null : stripHopByHop(new HeaderList(trailers), false).raw);
  }

  failed(error: GatewayError, progress: Progress): void {
    this.#transport = null;
    // A request that lacks its body is none that could have been carried out, whatever its method.
    const isHarmless = this.#upload?.hasBegun === false && progress === "unanswered";
    if (this.#mayRepeat(error, progress, isHarmless)) {
      this.#upload?.detach();
      this.#repeated = true;
      this.#tries += 1;
      this.#pool?.acquire(this, true);
      return;
    }
    const { code, message } = error;
    if (error.source === "upstream") this.#target?.health.broke(this.#era);
    const reached = isHarmless ? "unprocessed" : progress;
    const isRetried = this.#set.retries?.isOnError(code) === true && this.#retry(reached, code as ReasonCode, message);
    if (!isRetried) this.#fail(error);
  }

  bothEnded(): void {
    this.#finished();
  }

  carryFailed(error: GatewayError): void {
    this.#giveUp(error);
  }

  claimBody(): boolean {
    const { body } = this.#exchange.facts;
    return body !== null && this.#host.claimBody(body);
  }

  uploadFailed(error: GatewayError): void {
    this.#giveUp(error);
  }

  drained(): void {
    this.#upload?.drained();
    this.#switched?.drained();
  }

  pauseReading(): void {
    this.#transport?.pause();
  }

  resumeReading(): void {
    this.#transport?.resume();
  }

  abandon(): void {
    const transport = this.#transport;
    this.#finished();
    transport?.abandon();
    this.#upload?.stop();
    this.#switched?.stop();
  }

  #attempt(target: UpstreamTarget): void {
    this.#leave();
    this.#target = target;
    this.#era = target.enter();
    this.#tries += 1;
    if (this.#tries > 1) this.#again();
    this.#pool = this.#poolOf(target);
    if (this.#pool === null) return;
    this.#head = draftHead(this.#exchange, target.destination, target.rules ?? this.#set, this.#proxy);
    this.#acquiring = true;
    this.#pool.acquire(this, false);
    this.#acquiring = false;
  }

  /** Another attempt, which is another span where spans are exported. */
  #again(): void {
    this.#attemptAt = this.#host.clock.mono();
    const { trace, request } = this.#exchange;
    if (trace === null || !trace.exported) return;
    request.headers.set("traceparent", traceparentOf(trace, attemptSpanId(trace, this.#tries)));
  }

  /** Null when there is none, which has been told. */
  #poolOf(target: UpstreamTarget): TransportPool | null {
    try {
      const pool = target.poolFor(this.#way);
      if (pool === null) this.#fail(noWay(this.#way, target));
      return pool;
    } catch (error) {
      this.#fail(error as GatewayError);
      return null;
    }
  }

  #leave(): void {
    this.#target?.leave(this.#era);
    this.#target = null;
  }

  /** Since the call began. */
  #elapsedMs(): number {
    return this.#host.clock.mono() - this.#startedAt;
  }

  #attemptedMs(): number {
    return this.#host.clock.mono() - this.#attemptAt;
  }

  #timeoutMs(): number {
    const { timeoutMs } = this.#exchange.request;
    return timeoutMs > 0 ? timeoutMs : defaultTimeoutMs;
  }

  /** The route's timeout bounds all attempts together. */
  #leftMs(): number {
    return this.#timeoutMs() - this.#elapsedMs();
  }

  #uploadOf(stream: BodySource): RequestUpload {
    const { retries } = this.#set;
    const keep = retries?.allowsMethod(this.#exchange) === true ? retries.bodyBytes : 0;
    const source = this.#exchange.request.dropTrailers ? withoutTrailers(stream) : stream;
    return new RequestUpload(source, this, this.#host.wheel, { keep, continueMs: this.#exchange.request.continueMs });
  }

  #failuresWith(target: UpstreamTarget): FailedAttempts {
    this.#failures ??= new FailedAttempts(this.#exchange, this.#set, this.#host.wheel, () => this.#next());
    this.#failures.exclude(target);
    return this.#failures;
  }

  /**
   * Drops what there is of this attempt for another one, after a wait.
   * @returns false when there is to be none: everything is as before
   */
  #retry(progress: Progress, reason: ReasonCode | undefined, why: string): boolean {
    const rules = this.#set.retries;
    const target = this.#target;
    if (rules === null || target === null || this.#reject === null || !this.#set.isAvailable) return false;
    if (progress !== "unprocessed" && !rules.allowsMethod(this.#exchange)) return false;
    if (this.#upload?.isRepeatable === false) return false;
    const waitMs = rules.take(this.#failures?.retries ?? 0, this.#leftMs());
    if (waitMs < 0) return false;
    const failures = this.#failuresWith(target);
    failures.note(target, reason, why, this.#attemptedMs());
    this.#breakOff();
    failures.retryAfter(waitMs);
    return true;
  }

  #breakOff(): void {
    const transport = this.#transport;
    this.#transport = null;
    transport?.abandon();
    this.#upload?.detach();
    this.#leave();
  }

  /** The first attempt, or another: at a target that has not failed this request, if there is one. */
  #next(): void {
    if (this.#over) return;
    const target = this.#failures?.another() ?? this.#set.choose(this.#exchange, null);
    if (target === null) this.#fail(unavailable(this.#set.name));
    else this.#attempt(target);
  }

  /** The peer closed a kept-alive connection, or began to, while our request was on its way: the usual race, worth one more try. */
  #mayRepeat(error: GatewayError, progress: Progress, isHarmless: boolean): boolean {
    if (this.#repeated || this.#upload?.hasBegun === true || error.code !== "upstream-reset") return false;
    if (progress === "unprocessed") return true;
    if (!this.#reused || progress !== "unanswered") return false;
    return isHarmless || idempotent.has(this.#exchange.request.method);
  }

  #fail(error: GatewayError): void {
    const reject = this.#reject;
    this.#finished();
    this.#upload?.stop();
    this.#switched?.stop();
    // Its reader has had the end of what the upstream sent.
    if (this.#switched?.peerEnded === true) return;
    if (reject === null) this.#body?.break(error);
    else {
      this.#note(0);
      reject(error);
    }
  }

  /** Ends what is under way, whatever it is, before telling. */
  #giveUp(error: GatewayError): void {
    if (this.#over) return;
    const transport = this.#transport;
    if (transport === null) this.#pool?.cancel(this);
    const body = this.#body;
    if (error.code === "client-aborted") body?.detach();
    this.#transport = null;
    transport?.abandon();
    this.#fail(error);
  }

  #finished(): void {
    this.#over = true;
    this.#leave();
    this.#failures?.stop();
    this.#transport = null;
    this.#resolve = null;
    this.#reject = null;
    this.#host.done(this, this.#exchange);
  }

  #note(status: number): void {
    const now = this.#host.clock.mono();
    this.#exchange.upstream = {
      name: this.#set.name,
      address: this.#address,
      url: this.#target === null ? "" : urlOf(this.#target),
      tries: this.#triesBefore + this.#tries,
      status,
      connectMs: this.#connectMs,
      headersMs: status === 0 ? 0 : now - this.#startedAt,
      endedMono: now,
    };
  }
}

function urlOf({ destination }: UpstreamTarget): string {
  return destination.socketPath === undefined ? `${destination.origin}${destination.basePath}` : "";
}

/** Null: as the backend says. */
function wayOf({ certificate, httpVersion }: RequestDraft, proxy: ProxyRoute | null): Way | null {
  if (proxy === null && certificate === null && httpVersion === null) return null;
  return { proxy, certificate, version: httpVersion };
}

function noWay(way: Way | null, { destination }: UpstreamTarget): GatewayError {
  const http2 = way?.version === "2" ? "over HTTP/2" : "";
  const proxied = (way?.proxy ?? null) === null ? "" : "by way of a proxy";
  const message =
    (way?.certificate ?? null) !== null && !destination.secure
      ? "a certificate is to be shown, and this backend is reached in clear text"
      : `this backend cannot be reached ${[http2, proxied].filter((part) => part !== "").join(" ")}`;
  return new GatewayError("egress-refused", 502, message);
}

function unavailable(backend: string): GatewayError {
  return new GatewayError("upstream-unavailable", 503, `no upstream of ${backend} is available`, {
    source: "upstream",
    retryable: true,
  });
}
