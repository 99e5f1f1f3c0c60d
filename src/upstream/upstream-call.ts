import type { BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, UpstreamResponse } from "#model/ports.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import type { PoolUser, Progress, RequestHead, Transport, TransportUser } from "#wire/transport.ts";
import type { Placed } from "#lib/dense-set.ts";
import { draftHead } from "./draft-head.ts";
import { RequestUpload } from "./request-upload.ts";
import { ResponseBody, type BodyOrigin } from "./response-body.ts";
import type { UpstreamTarget } from "./target.ts";
import type { TargetSet } from "./target-set.ts";

/** What a call needs from the forwarder it belongs to. */
export interface CallHost {
  readonly clock: Clock;
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
export class UpstreamCall implements PoolUser, TransportUser, BodyOrigin, Placed {
  place = -1;
  readonly #host: CallHost;
  readonly #exchange: Exchange;
  readonly #set: TargetSet;
  readonly #startedAt: number;
  #resolve: Settle | null = null;
  #reject: Fail | null = null;
  #target: UpstreamTarget | null = null;
  /** Those that could not be reached. */
  #tried: UpstreamTarget[] | null = null;
  #transport: Transport | null = null;
  #head: RequestHead | null = null;
  #address = "";
  #reused = false;
  #retried = false;
  #tries = 0;
  #upload: RequestUpload | null = null;
  #body: ResponseBody | null = null;
  #over = false;

  constructor(host: CallHost, exchange: Exchange, set: TargetSet) {
    this.#host = host;
    this.#exchange = exchange;
    this.#set = set;
    this.#startedAt = host.clock.mono();
  }

  run(resolve: Settle, reject: Fail): void {
    this.#resolve = resolve;
    this.#reject = reject;
    const target = this.#set.choose(this.#exchange, null);
    if (target === null) this.#fail(unavailable(this.#set.name));
    else this.#attempt(target);
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
    const { body, timeoutMs } = this.#exchange.request;
    const stream = body === undefined ? this.#exchange.facts.body : null;
    const head = this.#head as RequestHead;
    transport.send(this, head, body ?? null, stream === null, timeoutMs > 0 ? timeoutMs : defaultTimeoutMs);
    if (stream !== null && this.#transport === transport) this.#startUpload(stream, transport);
  }

  refused(error: GatewayError): void {
    if (error.code !== "upstream-connect-failed") return this.#fail(error);
    const target = this.#target as UpstreamTarget;
    target.health.connectFailed();
    // Nothing has been sent, so another target may take it whatever the method.
    this.#tried ??= [];
    this.#tried.push(target);
    const other = this.#set.choose(this.#exchange, this.#tried);
    if (other === null) this.#fail(error);
    else this.#attempt(other);
  }

  interim(status: number, fields: string[]): void {
    const { client } = this.#exchange;
    if (status !== 103 || client.headSent) return;
    client.informational(103, stripHopByHop(new HeaderList(fields), false));
  }

  head(head: ResponseHead): void {
    this.#note(head.status);
    // It has decided without the rest of the body (413, 401): sending on would only cost both sides.
    if (head.status >= 400) this.#upload?.stop();
    const { body, declaredLength } = head.framing;
    if (body !== 0) this.#body = new ResponseBody(body > 0 ? declaredLength : undefined, this);
    const headers = stripHopByHop(new HeaderList(head.fields), false);
    const cookie = this.#set.cookieFor(this.#target as UpstreamTarget, this.#exchange);
    if (cookie !== undefined) headers.append("Set-Cookie", cookie);
    this.#resolve?.({ status: head.status, statusText: head.statusText, headers, body: this.#body });
    this.#resolve = null;
    this.#reject = null;
  }

  data(chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  end(trailers: string[] | null): void {
    this.#finished();
    this.#upload?.stop();
    this.#body?.finish(trailers === null ? null : stripHopByHop(new HeaderList(trailers), false).raw);
  }

  failed(error: GatewayError, progress: Progress): void {
    this.#transport = null;
    if (this.#mayRepeat(error, progress)) {
      this.#retried = true;
      this.#tries += 1;
      this.#target?.pool.acquire(this, true);
    } else this.#fail(error);
  }

  drained(): void {
    this.#upload?.drained();
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
  }

  #attempt(target: UpstreamTarget): void {
    this.#leave();
    this.#target = target;
    target.active += 1;
    this.#tries += 1;
    this.#head = draftHead(this.#exchange, target.destination, this.#set.host);
    target.pool.acquire(this, false);
  }

  #leave(): void {
    if (this.#target !== null) this.#target.active -= 1;
    this.#target = null;
  }

  #startUpload(stream: BodySource, transport: Transport): void {
    if (!this.#host.claimBody(stream)) {
      return this.#giveUp(new GatewayError("internal", 500, "the request's body has already been sent"));
    }
    const upload = new RequestUpload(stream, transport, (error) => this.#giveUp(error));
    this.#upload = upload;
    upload.start();
  }

  /** The peer closed a kept-alive connection, or began to, while our request was on its way: the usual race, worth one more try. */
  #mayRepeat(error: GatewayError, progress: Progress): boolean {
    if (this.#retried || this.#upload !== null || error.code !== "upstream-reset") return false;
    if (progress === "unprocessed") return true;
    return this.#reused && progress === "unanswered" && idempotent.has(this.#exchange.request.method);
  }

  #fail(error: GatewayError): void {
    const reject = this.#reject;
    this.#finished();
    this.#upload?.stop();
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
    this.#transport = null;
    this.#resolve = null;
    this.#reject = null;
    this.#host.done(this, this.#exchange);
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
