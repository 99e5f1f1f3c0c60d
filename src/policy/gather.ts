import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, RequestDraft, ResponseDraft } from "#model/exchange.ts";
import type { BodyReads } from "#notation/policies/body-reads.ts";
import type { BodyRoom } from "./body-room.ts";

/**
 * Puts the bodies that are needed into memory.
 * @returns undefined when they are there already
 * @throws GatewayError (as a rejection) `client-body-too-large`, `upstream-too-large`, `body-room-full`, or what the
 *   body itself failed with
 */
export function gather(exchange: Exchange, needs: BodyReads, room: BodyRoom): Promise<void> | undefined {
  const request = needs.request ? gatherRequest(exchange, room) : undefined;
  const response = needs.response ? gatherResponse(exchange, room) : undefined;
  if (request === undefined || response === undefined) return request ?? response;
  return request.then(() => response);
}

function gatherRequest(exchange: Exchange, room: BodyRoom): Promise<void> | undefined {
  const { request, facts } = exchange;
  if (request.body !== undefined || facts.body === null) return undefined;
  return take(request, new Gathering(exchange, facts.body, room, tooLargeOfClient));
}

function gatherResponse(exchange: Exchange, room: BodyRoom): Promise<void> | undefined {
  const { response } = exchange;
  if (response === null || response.body === null || response.body instanceof Uint8Array) return undefined;
  // What goes on after a switch of protocols is no body.
  if (response.status === 101) return undefined;
  return take(response, new Gathering(exchange, response.body, room, tooLargeOfUpstream));
}

/** An empty body stays one: the sender said so by its framing. */
async function take(draft: RequestDraft | ResponseDraft, gathering: Gathering): Promise<void> {
  draft.body = await gathering.whole();
}

/** Reads one body to its end, within the room there is. */
class Gathering implements BodySink {
  readonly #exchange: Exchange;
  readonly #source: BodySource;
  readonly #room: BodyRoom;
  readonly #tooLarge: (maxBytes: number) => GatewayError;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #done: ((bytes: Uint8Array) => void) | null = null;
  #failed: ((error: GatewayError) => void) | null = null;

  constructor(exchange: Exchange, source: BodySource, room: BodyRoom, tooLarge: (maxBytes: number) => GatewayError) {
    this.#exchange = exchange;
    this.#source = source;
    this.#room = room;
    this.#tooLarge = tooLarge;
  }

  whole(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#done = resolve;
      this.#failed = reject;
      const { length } = this.#source;
      // Said beforehand, it is refused beforehand: nobody need send it.
      if (length !== undefined && length > this.#room.maxBytes) this.#give(this.#tooLarge(this.#room.maxBytes));
      else this.#source.start(this);
    });
  }

  data(chunk: Uint8Array): void {
    if (this.#failed === null) return;
    if (this.#bytes + chunk.byteLength > this.#room.maxBytes) return this.#give(this.#tooLarge(this.#room.maxBytes));
    if (!this.#room.take(chunk.byteLength)) return this.#give(noRoom());
    this.#exchange.gatheredBytes += chunk.byteLength;
    this.#bytes += chunk.byteLength;
    this.#chunks.push(chunk);
  }

  /** Trailers stay behind: what a policy has read may be something else when it goes on. */
  end(): void {
    const done = this.#done;
    this.#settle();
    const [only] = this.#chunks;
    done?.(this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#bytes));
  }

  fail(error: GatewayError): void {
    const failed = this.#failed;
    this.#settle();
    failed?.(error);
  }

  #give(error: GatewayError): void {
    this.#source.cancel();
    this.fail(error);
  }

  #settle(): void {
    this.#done = null;
    this.#failed = null;
  }
}

function tooLargeOfClient(maxBytes: number): GatewayError {
  return new GatewayError("client-body-too-large", 413, `policies take bodies up to ${maxBytes} bytes`, {
    source: "client",
  });
}

function tooLargeOfUpstream(maxBytes: number): GatewayError {
  return new GatewayError("upstream-too-large", 502, `policies take responses up to ${maxBytes} bytes`, {
    source: "upstream",
  });
}

function noRoom(): GatewayError {
  return new GatewayError("body-room-full", 503, "no memory is left for bodies that policies read", {
    retryable: true,
  });
}
