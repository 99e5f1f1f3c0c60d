import type { BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, UpstreamResponse } from "#model/ports.ts";
import type { Connection, ConnectionUser } from "#wire/connection.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import type { ResponseHead } from "#wire/http1-response-parser.ts";
import type { PoolUser } from "#wire/pool.ts";
import type { Placed } from "#lib/dense-set.ts";
import { writeDraft } from "./draft-head.ts";
import { RequestUpload } from "./request-upload.ts";
import { ResponseBody, type BodyOrigin } from "./response-body.ts";
import type { TargetSet, UpstreamTarget } from "./targets.ts";

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
export class UpstreamCall implements PoolUser, ConnectionUser, BodyOrigin, Placed {
  place = -1;
  readonly #host: CallHost;
  readonly #exchange: Exchange;
  readonly #set: TargetSet;
  readonly #startedAt: number;
  #resolve: Settle | null = null;
  #reject: Fail | null = null;
  #target: UpstreamTarget | null = null;
  #connection: Connection | null = null;
  #head = "";
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
    this.#attempt();
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

  connected(connection: Connection, reused: boolean): void {
    this.#connection = connection;
    this.#address = connection.address;
    this.#reused = reused;
    if (!reused) this.#target?.health.connected();
    const { body, method, timeoutMs } = this.#exchange.request;
    connection.begin(this, method === "HEAD", timeoutMs > 0 ? timeoutMs : defaultTimeoutMs);
    const stream = body === undefined ? this.#exchange.facts.body : null;
    connection.send(this.#head, body ?? null, stream === null);
    if (stream !== null) this.#startUpload(stream, connection);
  }

  refused(error: GatewayError): void {
    if (error.code !== "upstream-connect-failed") return this.#fail(error);
    this.#target?.health.connectFailed();
    // Nothing has been sent, so another target may take it whatever the method.
    if (this.#tries < this.#set.targets.length) this.#attempt();
    else this.#fail(error);
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

  failed(error: GatewayError, untouched: boolean): void {
    this.#connection = null;
    if (this.#isStale(error, untouched)) {
      this.#retried = true;
      this.#tries += 1;
      this.#target?.pool.acquire(this, true);
    } else this.#fail(error);
  }

  drained(): void {
    this.#upload?.drained();
  }

  pauseReading(): void {
    this.#connection?.pause();
  }

  resumeReading(): void {
    this.#connection?.resume();
  }

  abandon(): void {
    const connection = this.#connection;
    this.#finished();
    connection?.abandon();
    this.#upload?.stop();
  }

  #attempt(): void {
    const target = this.#set.choose();
    if (target === null) {
      return this.#fail(
        new GatewayError("upstream-unavailable", 503, `no upstream of ${this.#set.name} is available`, {
          source: "upstream",
          retryable: true,
        }),
      );
    }
    this.#target = target;
    this.#tries += 1;
    try {
      this.#head = writeDraft(this.#exchange, target.destination, this.#set.host);
    } catch (error) {
      return this.#fail(error as GatewayError);
    }
    target.pool.acquire(this, false);
  }

  #startUpload(stream: BodySource, connection: Connection): void {
    if (!this.#host.claimBody(stream)) {
      return this.#giveUp(new GatewayError("internal", 500, "the request's body has already been sent"));
    }
    const upload = new RequestUpload(stream, connection, (error) => this.#giveUp(error));
    this.#upload = upload;
    upload.start();
  }

  /** The peer closed a kept-alive connection while our request was on its way: the usual race, worth one more try. */
  #isStale(error: GatewayError, untouched: boolean): boolean {
    if (!this.#reused || this.#retried || !untouched || error.code !== "upstream-reset") return false;
    return this.#upload === null && idempotent.has(this.#exchange.request.method);
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
    const connection = this.#connection;
    if (connection === null) this.#target?.pool.cancel(this);
    const body = this.#body;
    if (error.code === "client-aborted") body?.detach();
    this.#connection = null;
    connection?.abandon();
    this.#fail(error);
  }

  #finished(): void {
    this.#over = true;
    this.#connection = null;
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
