import type { BodySource } from "#model/body.ts";
import type { DiagnosedMessage, Diagnostic, Tap, TracedMessage } from "#model/diagnostics.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { BodyTap, TappedBody, type TapRoom } from "./body-tap.ts";

/** A body that was tapped, and how it is coded. */
export interface TappedMessage {
  readonly tap: BodyTap;
  readonly coding: string;
}

/** Of one request; policies may say more. */
const mostMessages = 50;
/** Of a body that is coded: a few bytes more of it are many more of what it says. */
const codedBytes = 8192;
/** Taken beyond what is shown: what is to be kept out is known for what it is though the cut goes through it. */
export const margin = 256;
const ranks = { verbose: 0, information: 1, error: 2 } as const;

/** What is noted of one exchange. Bodies of those alone that sampling has chosen: of others nobody knows yet whether they fail. */
export class ExchangeTap implements Tap {
  readonly diagnostic: Diagnostic;
  readonly isChosen: boolean;
  readonly messages: { readonly message: TracedMessage; readonly at: number }[] = [];
  frontendRequest: TappedMessage | null = null;
  frontendResponse: TappedMessage | null = null;
  backendRequest: TappedMessage | null = null;
  backendResponse: TappedMessage | null = null;
  /** As they were: policies change the lists. */
  sentHeaders: HeaderList | null = null;
  receivedHeaders: HeaderList | null = null;
  readonly #exchange: Exchange;
  readonly #room: TapRoom;
  readonly #now: () => number;
  /** Of the client's body as it comes: both sides are shown it. */
  #requestTap: BodyTap | null = null;
  readonly #taps: BodyTap[] = [];

  /** @param now milliseconds since the epoch */
  constructor(exchange: Exchange, diagnostic: Diagnostic, isChosen: boolean, room: TapRoom, now: () => number) {
    this.#exchange = exchange;
    this.diagnostic = diagnostic;
    this.isChosen = isChosen;
    this.#room = room;
    this.#now = now;
    if (isChosen) this.#tapRequest(exchange);
  }

  sending(headers: HeaderList, body: Uint8Array | null | undefined): void {
    const { request } = this.diagnostic.backend;
    if (request.headers.length > 0) this.sentHeaders = headers;
    if (!this.isChosen || request.bodyBytes === 0) return;
    if (body === undefined) this.backendRequest = this.#requestTap && tapped(this.#requestTap, headers);
    else this.backendRequest = body === null ? null : this.#copied(body, request, headers);
  }

  received(headers: HeaderList, body: BodySource | null): BodySource | null {
    const { response } = this.diagnostic.backend;
    if (response.headers.length > 0) this.receivedHeaders = headers.clone();
    if (!this.isChosen || response.bodyBytes === 0 || body === null) return body;
    this.backendResponse = tapped(this.#tapOf(response, headers), headers);
    return new TappedBody(body, this.backendResponse.tap);
  }

  answering(response: ResponseDraft): void {
    const wanted = this.diagnostic.frontend.response;
    const { body, headers, status } = response;
    if (!this.isChosen || wanted.bodyBytes === 0 || body === null || status === 101) return;
    if (this.#exchange.facts.method === "HEAD") return;
    if (body instanceof Uint8Array) {
      this.frontendResponse = this.#copied(body, wanted, headers);
      return;
    }
    this.frontendResponse = tapped(this.#tapOf(wanted, headers), headers);
    response.body = new TappedBody(body, this.frontendResponse.tap);
  }

  traced(message: TracedMessage): void {
    if (ranks[message.severity] < ranks[this.diagnostic.verbosity] || this.messages.length >= mostMessages) return;
    this.messages.push({ message, at: this.#now() });
  }

  release(): void {
    for (const tap of this.#taps) tap.release();
  }

  #tapRequest(exchange: Exchange): void {
    const { facts } = exchange;
    const { frontend, backend } = this.diagnostic;
    const most = Math.max(frontend.request.bodyBytes, backend.request.bodyBytes);
    if (most === 0 || facts.body === null) return;
    this.#requestTap = this.#tapOf({ bodyBytes: most }, facts.headers);
    if (frontend.request.bodyBytes > 0) this.frontendRequest = tapped(this.#requestTap, facts.headers);
    exchange.facts = { ...facts, body: new TappedBody(facts.body, this.#requestTap) };
  }

  #copied(body: Uint8Array, wanted: DiagnosedMessage, headers: HeaderList): TappedMessage {
    const tap = this.#tapOf(wanted, headers);
    tap.take(body);
    return tapped(tap, headers);
  }

  #tapOf({ bodyBytes }: Pick<DiagnosedMessage, "bodyBytes">, headers: HeaderList): BodyTap {
    const tap = new BodyTap(headers.has("content-encoding") ? codedBytes : bodyBytes + margin, this.#room);
    this.#taps.push(tap);
    return tap;
  }
}

function tapped(tap: BodyTap, headers: HeaderList): TappedMessage {
  return {
    tap,
    coding: (headers.joined("content-encoding") ?? "").trim().toLowerCase(),
  };
}
