import type { BodySource, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, UpstreamResponse } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { isEventStream } from "#wire/event-stream.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import { Timeout, type TimerWheel } from "#wire/timer-wheel.ts";
import type { PoolUser, Progress, RequestHead, Transport, TransportUser } from "#wire/transport.ts";
import type { Placed } from "#lib/dense-set.ts";
import { draftHead } from "./draft-head.ts";
import { RequestUpload } from "./request-upload.ts";
import { ResponseBody, type BodyOrigin } from "./response-body.ts";
import { switchProblem } from "./switch-protocols.ts";
import { TunnelUpload, type TunnelOwner } from "./tunnel-upload.ts";
import type { UpstreamTarget } from "./target.ts";
import type { TargetSet } from "./target-set.ts";
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

/** An upstream that knows nothing of `Expect` never says that it wants the body, and waits for it. RFC 9110 §10.1.1 */
const continueMs = 1000;

/** One exchange with an upstream: from the choice of a target to the end of the response's body. */
export class UpstreamCall implements PoolUser, TransportUser, BodyOrigin, TunnelOwner, Placed {
  place = -1;
  readonly switches: boolean;
  readonly #host: CallHost;
  readonly #exchange: Exchange;
  readonly #set: TargetSet;
  readonly #startedAt: number;
  #resolve: Settle | null = null;
  #reject: Fail | null = null;
  #target: UpstreamTarget | null = null;
  /** Those that have failed. */
  #tried: UpstreamTarget[] | null = null;
  #transport: Transport | null = null;
  #head: RequestHead | null = null;
  #address = "";
  #reused = false;
  /** The peer was closing the connection: sent again on a fresh one. */
  #repeated = false;
  #tries = 0;
  #retries = 0;
  #attemptAt: number;
  /** Until the next attempt. */
  #backOff: Timeout | null = null;
  #upload: RequestUpload | null = null;
  /** The head has been sent, the body has not been asked for: when that is no longer waited for. */
  #held: Timeout | null = null;
  #body: ResponseBody | null = null;
  /** After a 101: what the upstream sends is over, what the client sends may not be. */
  #peerEnded = false;
  #carries = false;
  #tunnel: TunnelUpload | null = null;
  #over = false;

  constructor(host: CallHost, exchange: Exchange, set: TargetSet) {
    this.#host = host;
    this.#exchange = exchange;
    this.switches = exchange.facts.upgrade !== null;
    this.#set = set;
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
    if (!reused) this.#target?.health.connected();
    const { body } = this.#exchange.request;
    const stream = body === undefined ? this.#exchange.facts.body : null;
    const head = this.#head as RequestHead;
    transport.send(this, head, body ?? null, stream === null, this.#attemptMs());
    if (stream === null || this.#transport !== transport) return;
    if (head.expects) this.#hold(stream, transport);
    else this.#startUpload(stream, transport);
  }

  refused(error: GatewayError): void {
    const { code } = error;
    if (code !== "upstream-unavailable" && code !== "upstream-connect-failed") return this.#fail(error);
    const target = this.#target as UpstreamTarget;
    if (code === "upstream-connect-failed") target.health.connectFailed();
    // Nothing has been sent, so another target may take it whatever the method.
    const other = this.#otherThan(target);
    if (other !== null) {
      this.#noteAttempt(target, code, error.message);
      this.#attempt(other);
    } else if (code === "upstream-unavailable" || !this.#retry("unprocessed", code, error.message)) this.#fail(error);
  }

  interim(status: number, fields: string[]): void {
    if (status === 100) return this.#held?.expire();
    const { client } = this.#exchange;
    if (status !== 103 || client.headSent) return;
    client.informational(103, stripHopByHop(new HeaderList(fields), false));
  }

  head(head: ResponseHead): void {
    // It has answered without the body, which is never begun: the client is not told to send it.
    this.#letGo();
    const health = (this.#target as UpstreamTarget).health;
    const headers = new HeaderList(head.fields);
    if (health.isWatching) health.answered(head.status, this.#host.clock.mono() - this.#attemptAt, headers);
    if (
      this.#set.retries?.isOnStatus(head.status) === true &&
      this.#retry("answered", undefined, `status ${head.status}`)
    ) {
      return;
    }
    this.#note(head.status);
    if (head.status === 101) return this.#switched(head);
    // It has decided without the rest of the body (413, 401): sending on would only cost both sides.
    if (head.status >= 400) this.#upload?.stop();
    const { body, declaredLength } = head.framing;
    if (body !== 0) this.#body = new ResponseBody(body > 0 ? declaredLength : undefined, this);
    const shown = stripHopByHop(headers, false);
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

  #switched({ status, statusText, fields }: ResponseHead): void {
    const problem = switchProblem(fields, this.#exchange);
    if (problem !== null) {
      const text = `the upstream's switch of protocols is malformed: ${problem}`;
      return this.#giveUp(new GatewayError("upstream-malformed", 502, text, { source: "upstream" }));
    }
    this.#carries = true;
    this.#body = new ResponseBody(undefined, this);
    this.#transport?.allowSilence(this.#exchange.request.streamIdleMs);
    const headers = stripHopByHop(new HeaderList(fields), false);
    const carry = (source: TunnelSource): void => this.#carry(source);
    this.#resolve?.({ status, statusText, headers, body: this.#body, carry });
    this.#resolve = null;
    this.#reject = null;
  }

  #carry(source: TunnelSource): void {
    const transport = this.#transport;
    if (transport === null) return source.cancel();
    this.#tunnel = new TunnelUpload(source, transport, this);
    this.#tunnel.start();
  }

  carried(): void {
    if (this.#peerEnded) this.#finished();
  }

  data(chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  end(trailers: string[] | null): void {
    if (this.#carries && this.#tunnel?.isOver !== true) {
      this.#peerEnded = true;
      return this.#body?.finish(null);
    }
    this.#finished();
    this.#upload?.stop();
    this.#body?.finish(trailers === null ? null : stripHopByHop(new HeaderList(trailers), false).raw);
  }

  failed(error: GatewayError, progress: Progress): void {
    this.#transport = null;
    // A request that lacks its body is none that could have been carried out, whatever its method.
    const isHarmless = this.#held !== null && progress === "unanswered";
    this.#letGo();
    if (this.#mayRepeat(error, progress, isHarmless)) {
      this.#repeated = true;
      this.#tries += 1;
      this.#target?.pool.acquire(this, true);
      return;
    }
    const { code, message } = error;
    if (error.source === "upstream") this.#target?.health.broke();
    const reached = isHarmless ? "unprocessed" : progress;
    const isRetried = this.#set.retries?.isOnError(code) === true && this.#retry(reached, code as ReasonCode, message);
    if (!isRetried) this.#fail(error);
  }

  carryFailed(error: GatewayError): void {
    this.#giveUp(error);
  }

  drained(): void {
    this.#upload?.drained();
    this.#tunnel?.drained();
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
    this.#tunnel?.stop();
  }

  #attempt(target: UpstreamTarget): void {
    this.#leave();
    this.#target = target;
    target.enter();
    this.#tries += 1;
    if (this.#tries > 1) this.#attemptAt = this.#host.clock.mono();
    this.#head = draftHead(this.#exchange, target.destination, this.#set.host);
    target.pool.acquire(this, false);
  }

  #leave(): void {
    this.#target?.leave();
    this.#target = null;
  }

  /** The route's timeout bounds all attempts together. */
  #leftMs(): number {
    const { timeoutMs } = this.#exchange.request;
    return this.#startedAt + (timeoutMs > 0 ? timeoutMs : defaultTimeoutMs) - this.#host.clock.mono();
  }

  /** Without retries the time to connect is not taken from that to answer. */
  #attemptMs(): number {
    const { timeoutMs } = this.#exchange.request;
    if (this.#set.retries === null) return timeoutMs > 0 ? timeoutMs : defaultTimeoutMs;
    const { perTryTimeoutMs } = this.#set.retries;
    const leftMs = Math.max(1, this.#leftMs());
    return perTryTimeoutMs > 0 ? Math.min(perTryTimeoutMs, leftMs) : leftMs;
  }

  #hold(stream: BodySource, transport: Transport): void {
    this.#held = new Timeout(() => {
      this.#letGo();
      this.#startUpload(stream, transport);
    });
    this.#host.wheel.arm(this.#held, continueMs);
  }

  #letGo(): void {
    if (this.#held === null) return;
    this.#host.wheel.disarm(this.#held);
    this.#held = null;
  }

  #startUpload(stream: BodySource, transport: Transport): void {
    if (this.#upload !== null) return this.#upload.moveTo(transport);
    if (!this.#host.claimBody(stream)) {
      return this.#giveUp(new GatewayError("internal", 500, "the request's body has already been sent"));
    }
    const { retries } = this.#set;
    const keep = retries?.allowsMethod(this.#exchange) === true ? retries.bodyBytes : 0;
    const source = this.#exchange.request.dropTrailers ? withoutTrailers(stream) : stream;
    this.#upload = new RequestUpload(source, transport, keep, (error) => this.#giveUp(error));
    this.#upload.start();
  }

  #otherThan(failed: UpstreamTarget): UpstreamTarget | null {
    this.#tried ??= [];
    this.#tried.push(failed);
    return this.#set.choose(this.#exchange, this.#tried);
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
    const waitMs = rules.take(this.#retries, this.#leftMs());
    if (waitMs < 0) return false;
    this.#noteAttempt(target, reason, why);
    this.#retries += 1;
    this.#breakOff(target);
    this.#backOff ??= new Timeout(() => this.#next());
    this.#host.wheel.arm(this.#backOff, waitMs);
    return true;
  }

  #breakOff(target: UpstreamTarget): void {
    const transport = this.#transport;
    this.#transport = null;
    this.#letGo();
    transport?.abandon();
    this.#upload?.detach();
    this.#tried ??= [];
    this.#tried.push(target);
    this.#leave();
  }

  /** The first attempt, or another: at a target that has not failed this request, if there is one. */
  #next(): void {
    if (this.#over) return;
    const other = this.#set.choose(this.#exchange, this.#tried);
    const target = other ?? (this.#tried === null ? null : this.#set.choose(this.#exchange, null));
    if (target === null) this.#fail(unavailable(this.#set.name));
    else this.#attempt(target);
  }

  /** The peer closed a kept-alive connection, or began to, while our request was on its way: the usual race, worth one more try. */
  #mayRepeat(error: GatewayError, progress: Progress, isHarmless: boolean): boolean {
    if (this.#repeated || this.#upload !== null || error.code !== "upstream-reset") return false;
    if (progress === "unprocessed") return true;
    if (!this.#reused || progress !== "unanswered") return false;
    return isHarmless || idempotent.has(this.#exchange.request.method);
  }

  #fail(error: GatewayError): void {
    const reject = this.#reject;
    this.#finished();
    this.#upload?.stop();
    this.#tunnel?.stop();
    // Its reader has had the end of what the upstream sent.
    if (this.#peerEnded) return;
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
    if (transport === null) this.#target?.pool.cancel(this);
    const body = this.#body;
    if (error.code === "client-aborted") body?.detach();
    this.#transport = null;
    transport?.abandon();
    this.#fail(error);
  }

  #finished(): void {
    this.#over = true;
    this.#leave();
    if (this.#backOff !== null) this.#host.wheel.disarm(this.#backOff);
    this.#letGo();
    this.#transport = null;
    this.#resolve = null;
    this.#reject = null;
    this.#host.done(this, this.#exchange);
  }

  /** Only attempts that another one follows: the last one is the exchange's own outcome. */
  #noteAttempt({ address }: UpstreamTarget, reason: ReasonCode | undefined, why: string): void {
    const micros = Math.round((this.#host.clock.mono() - this.#attemptAt) * 1000);
    const detail = `${address}: ${why}`;
    const because = reason === undefined ? {} : { reason };
    this.#exchange.trail.push({ door: "upstream", step: "attempt", outcome: "retried", ...because, detail, micros });
  }

  #note(status: number): void {
    this.#exchange.upstream = {
      name: this.#set.name,
      address: this.#address,
      tries: this.#tries,
      status,
      headersMs: status === 0 ? 0 : this.#host.clock.mono() - this.#startedAt,
    };
  }
}

function unavailable(backend: string): GatewayError {
  return new GatewayError("upstream-unavailable", 503, `no upstream of ${backend} is available`, {
    source: "upstream",
    retryable: true,
  });
}
