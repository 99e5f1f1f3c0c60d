import type { Buffer } from "node:buffer";
import { type BodySink, type BodySource, type ClientListener, type TunnelSource, writeLentTo } from "#model/body.ts";
import { type Answer, type Door, type Outcome, type Refusal, refuse } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import { type Exchange, type RequestFacts, ResponseDraft } from "#model/exchange.ts";
import { isEventStream } from "#wire/event-stream.ts";
import { closeFrame, FrameBoundary, policyViolation } from "#wire/websocket-frames.ts";
import type { GatewayHandles } from "./handles.ts";
import { type Completion, HeldClient } from "./held-client.ts";
import { keepFromGranting } from "./keep-from-granting.ts";
import { grpcContentType, grpcStatus } from "./grpc.ts";
import { Lasting } from "./lasting.ts";
import { compressorOf, type LinkedSnapshot } from "./linked.ts";
import { passed } from "./passed.ts";
import { renderRefusal } from "./problem.ts";
import { refusalOf } from "./refusal-of.ts";
import { runOnError } from "./on-error.ts";
import { finishHeaders } from "./steps/finish-headers.ts";
import { switchRefusal } from "./switch-refusal.ts";
import { outboundRow, type Row, requestTable } from "./table.ts";

/** A client has this long to take a close frame and to answer it, before the connection is cut. */
const closingMs = 500;

/**
 * One exchange on its way through the table: runs the rows in order, answers the client, pumps the body with
 * back-pressure, and hands the finished exchange to the record exactly once.
 *
 * One object plays sink of the upstream's body and listener of the client, so that a request costs no closures.
 */
export class Flow implements ClientListener, BodySink, Completion {
  readonly exchange: Exchange;
  readonly linked: LinkedSnapshot;
  readonly handles: GatewayHandles;
  readonly #table: readonly Row[];
  #body: BodySource | null = null;
  /** After a switch of protocols: what the client sends. */
  #tunnel: TunnelSource | null = null;
  /** The request as the edge received it: an API's own proxies change what `exchange` believes about the client. */
  readonly #received: RequestFacts;
  /** Once the response turns out to be one without a foreseeable end. */
  #lasting: Lasting | null = null;
  /** Of a WebSocket: where its frames end, so that one of ours can stand between them. */
  #frames: FrameBoundary | null = null;
  #waiting = false;
  #finished = false;
  /** Under strict durability: its record is written, and its client is yet to see the end. */
  #recorded = false;
  #at = 0;
  #rowStarted: number;

  constructor(
    exchange: Exchange,
    linked: LinkedSnapshot,
    handles: GatewayHandles,
    table: readonly Row[] = requestTable,
  ) {
    this.#table = table;
    this.exchange = exchange;
    this.linked = linked;
    this.handles = handles;
    this.#rowStarted = exchange.facts.startedMono;
    this.#received = exchange.facts;
    exchange.redaction = linked.redaction;
    if (linked.events.strict !== null) {
      exchange.client = new HeldClient(exchange.client, this, exchange.facts.method === "HEAD");
    }
    exchange.client.listener = this;
  }

  /** Runs rows until one gives a promise or an outcome. A row that throws is a refusal: errors are denials. */
  start(): void {
    try {
      this.#advance();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Refuses without asking any row: the gateway itself cannot take the request. */
  refuseAtOnce(refusal: Refusal, step: string = "admit"): void {
    this.#note("edge", step, refusal);
    this.exchange.refusal = refusal;
    this.exchange.response = renderRefusal(this.exchange, refusal, this.linked.snapshot.errors);
    this.#respond();
  }

  #advance(): void {
    while (this.#at < this.#table.length) {
      const result = (this.#table[this.#at] as Row).run(this);
      if (result instanceof Promise) {
        void this.#resume(result);
        return;
      }
      if (this.#settle(result)) return;
    }
    this.#respond();
  }

  async #resume(pending: Promise<Outcome>): Promise<void> {
    try {
      const outcome = await pending;
      // The client may be gone by now; nothing is left to do then but the record, which `closed` has written.
      if (this.#finished) return;
      if (!this.#settle(outcome)) this.#advance();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Notes the hand-over; true when the row has ended the request. */
  #settle(outcome: Outcome): boolean {
    const row = this.#table[this.#at] as Row;
    this.#note(row.door, row.step, outcome);
    this.#at += 1;
    if (outcome === undefined) return false;
    if (outcome.kind === "refusal") this.#refuse(outcome);
    else if (outcome.outbound === true && this.#table === requestTable && this.#at <= outboundRow) {
      this.#take(outcome);
      this.#at = outboundRow;
      return false;
    } else this.#answer(outcome);
    return true;
  }

  #note(door: Door, step: string, outcome: Outcome): void {
    const now = this.handles.clock.mono();
    const micros = Math.round((now - this.#rowStarted) * 1000);
    this.#rowStarted = now;
    if (outcome === undefined) {
      this.exchange.trail.push(passed(door, step, micros));
    } else if (outcome.kind === "answer") {
      this.exchange.trail.push({ door, step, outcome: "answered", micros });
    } else {
      const detail = outcome.detail === undefined ? {} : { detail: outcome.detail };
      this.exchange.trail.push({ door, step, outcome: "refused", reason: outcome.reason, ...detail, micros });
    }
  }

  #answer(answer: Answer): void {
    this.#take(answer);
    this.#respond();
  }

  #take(answer: Answer): void {
    const { status, statusText, headers, body } = answer;
    this.exchange.answer = answer;
    this.exchange.response = new ResponseDraft(status, statusText ?? "", headers, body, "policy");
  }

  #refuse(refusal: Refusal): void {
    const { exchange } = this;
    exchange.refusal = refusal;
    if (exchange.aborted) return;
    if (refusal.reason === "connection-dropped") {
      exchange.client.abort();
      return;
    }
    exchange.response = renderRefusal(exchange, refusal, this.linked.snapshot.errors);
    const done = runOnError(this, refusal);
    if (done instanceof Promise) void done.then(() => this.#respond());
    else this.#respond();
  }

  #fail(error: unknown): void {
    this.handles.log.error("request failed", { requestId: this.exchange.facts.id, error: describe(error) });
    if (this.#finished) return;
    if (this.exchange.client.headSent) this.#breakOff(refusalOf(error));
    else this.#refuse(refusalOf(error));
  }

  #respond(): void {
    const { exchange } = this;
    if (exchange.question !== null) keepFromGranting(exchange);
    const { response } = exchange;
    if (response === null || this.#finished) return;
    if (exchange.facts.upgrade !== null) {
      const problem = switchRefusal(exchange, response);
      if (problem !== null) return this.#refuse(problem);
    }
    if (exchange.answered !== null) this.#tell(exchange.answered.splice(0));
    if (exchange.tap !== null) exchange.tap.answering(response);
    const shadow = exchange.route?.shadow;
    if (shadow !== undefined) this.handles.shadowing.answering(exchange, response, shadow);
    compressorOf(this.linked, exchange)?.apply(exchange, response);
    finishHeaders(exchange, response);
    const { body } = response;
    if (response.status === 101) return this.#switch(response);
    if (body === null) this.#respondWhole(response, null);
    else if (body instanceof Uint8Array) this.#respondWhole(response, body);
    else this.#stream(response, body);
  }

  #respondWhole(response: ResponseDraft, body: Uint8Array | null): void {
    const { client, facts } = this.exchange;
    const length = body?.byteLength ?? 0;
    if (facts.method !== "HEAD") this.exchange.bytesOut = length;
    client.head(response.status, response.statusText, response.headers, length);
    client.end(length === 0 ? null : body, null);
  }

  #stream(response: ResponseDraft, body: BodySource): void {
    this.#body = body;
    if (!isEventStream(response.headers)) this.#startStream(response, body);
    else if (this.#noteOpened()) this.#startStream(response, body);
    else void this.#whenOpened(() => this.#startStream(response, body));
  }

  #startStream(response: ResponseDraft, body: BodySource): void {
    if (body.length === undefined) this.#last();
    this.exchange.client.head(response.status, response.statusText, response.headers, body.length);
    body.start(this);
  }

  /** True: go on at once. */
  #noteOpened(): boolean {
    const { events } = this.linked;
    if (events.strict !== null) return false;
    events.opened(this.exchange);
    return true;
  }

  /** Strict: nothing of what lasts begins before it is on the disk that it has. */
  async #whenOpened(then: () => void): Promise<void> {
    try {
      await this.linked.events.strict?.opened(this.exchange);
      if (!this.#finished) then();
    } catch (error) {
      this.#fail(error);
    }
  }

  #switch(response: ResponseDraft): void {
    this.#body = response.body as BodySource;
    if (this.#noteOpened()) this.#startSwitched(response, this.#body);
    else void this.#whenOpened(() => this.#startSwitched(response, response.body as BodySource));
  }

  /** From here on both sides speak another protocol, and this only carries it. */
  #startSwitched({ headers, carry }: ResponseDraft, body: BodySource): void {
    const { exchange } = this;
    this.#tunnel = exchange.client.switchProtocols(headers);
    if (exchange.facts.upgrade === "websocket") this.#frames = new FrameBoundary();
    this.#last();
    body.start(this);
    carry?.(this.#tunnel);
  }

  #last(): void {
    this.#lasting = new Lasting(this, this.#received);
    this.handles.lasting.add(this.#lasting);
  }

  /** What let it in would not do so any more. `door` and `step` say who refuses it now. */
  withdraw(door: Door, step: string, { reason, detail }: Refusal): void {
    const { exchange } = this;
    if (this.#finished || exchange.refusal !== null) return;
    const why = detail === undefined ? reason : `${reason}: ${detail}`;
    exchange.refusal = refuse("access-withdrawn", { detail: why });
    exchange.trail.push({ door, step, outcome: "refused", reason: "access-withdrawn", detail: why, micros: 0 });
    this.#body?.cancel();
    this.#body = null;
    this.#tunnel?.cancel();
    exchange.forwarding?.abort();
    if (this.#frames?.isBetween === true) {
      // RFC 6455 §7.1.1: the server ends the connection, and gives the client time to answer.
      exchange.client.write(closeFrame(policyViolation, "access-withdrawn"));
      this.#partWith(null);
    } else if (this.#isGrpcStream) {
      this.#partWith(["grpc-status", String(grpcStatus(reason)), "grpc-message", "access-withdrawn"]);
    } else exchange.client.abort();
  }

  /** Its client reads how it ended in the trailers, whatever came before. */
  get #isGrpcStream(): boolean {
    const { facts, response } = this.exchange;
    if (facts.protocol !== "HTTP/2" || grpcContentType(facts.headers) === null) return false;
    return response !== null && response.status === 200 && this.#tunnel === null;
  }

  /** The last words; a client that does not take them is cut off. */
  #partWith(trailers: readonly string[] | null): void {
    const { client } = this.exchange;
    client.end(null, trailers);
    setTimeout(() => {
      if (!this.#finished) client.abort();
    }, closingMs).unref();
  }

  /** BodySink: a piece of the upstream's body. */
  data(chunk: Uint8Array | Buffer): void {
    if (this.#finished) return;
    this.#passing(chunk);
    if (!this.exchange.client.write(chunk)) this.#wait();
  }

  lent(chunk: Uint8Array): void {
    if (this.#finished) return;
    this.#passing(chunk);
    if (!writeLentTo(this.exchange.client, chunk)) this.#wait();
  }

  #passing(chunk: Uint8Array): void {
    this.#frames?.take(chunk);
    this.exchange.bytesOut += chunk.byteLength;
  }

  #wait(): void {
    this.#waiting = true;
    this.#body?.pause();
  }

  end(trailers: readonly string[] | null): void {
    if (!this.#finished) this.exchange.client.end(null, trailers);
  }

  /** The upstream broke off: the client must see truncation, never a clean end. */
  fail(error: GatewayError): void {
    this.#breakOff(refusalOf(error));
  }

  #breakOff(refusal: Refusal): void {
    if (this.#finished) return;
    this.exchange.refusal = refusal;
    this.exchange.trail.push({
      door: "outbound",
      step: "stream",
      outcome: "failed",
      reason: refusal.reason,
      micros: 0,
    });
    this.#body?.cancel();
    this.exchange.client.abort();
  }

  drained(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#body?.resume();
  }

  /** Strict durability: the record, before the client sees the end of the response. */
  async complete(): Promise<boolean> {
    const { exchange } = this;
    const { strict } = this.linked.events;
    if (strict === null || this.#finished) return true;
    this.#recorded = true;
    this.#countReceived();
    try {
      await strict.finished(exchange);
      return true;
    } catch {
      // Nothing was done for whoever is told that nothing can be.
      return exchange.refusal?.reason === "overloaded" && exchange.upstream === null;
    }
  }

  /** The client's side is over. Whatever happened, the record is written from here, unless {@link complete} has. */
  closed(completed: boolean, isOurs: boolean = false): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#lasting !== null) this.handles.lasting.delete(this.#lasting);
    const { exchange } = this;
    if (!completed && exchange.refusal === null && !this.#recorded) this.#abandon(isOurs);
    // An upstream body that a policy replaced, or that an outbound refusal left unread, would hold its connection.
    else exchange.forwarding?.abort();
    exchange.cancellation?.abort();
    this.handles.bodies.giveBack(exchange.gatheredBytes);
    exchange.gatheredBytes = 0;
    this.#countReceived();
    if (exchange.answered !== null) this.#tellUnanswered(exchange.answered.splice(0));
    if (exchange.over !== null) this.#tell(exchange.over.splice(0));
    if (!this.#recorded) this.linked.events.finished(exchange);
  }

  #countReceived(): void {
    const received = (this.#tunnel ?? this.exchange.facts.body) as { received?: number } | null;
    this.exchange.bytesIn = received?.received ?? 0;
  }

  /** A client that goes away before the answer must not go uncounted by that. */
  #tellUnanswered(listeners: readonly (() => void)[]): void {
    if (listeners.length === 0) return;
    this.exchange.response = null;
    this.#tell(listeners);
  }

  #tell(listeners: readonly (() => void)[]): void {
    for (const listener of listeners) {
      try {
        listener();
      } catch (error) {
        this.handles.log.error("counting failed", { requestId: this.exchange.facts.id, error: describe(error) });
      }
    }
  }

  /** @param isOurs the client would have stayed */
  #abandon(isOurs: boolean): void {
    const { exchange } = this;
    const reason = isOurs ? "shutting-down" : "client-aborted";
    // The row that was waited for: who it was handed to, and for how long, is known by nothing else.
    const row = exchange.response === null ? this.#table[this.#at] : undefined;
    const micros = Math.round((this.handles.clock.mono() - this.#rowStarted) * 1000);
    if (row !== undefined) exchange.trail.push({ door: row.door, step: row.step, outcome: "failed", reason, micros });
    exchange.aborted = true;
    exchange.refusal = { kind: "refusal", reason };
    this.#body?.cancel();
    exchange.forwarding?.abort();
  }
}

function describe(error: unknown): string {
  if (error instanceof GatewayError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
