import { Buffer } from "node:buffer";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange, RequestDraft, ResponseDraft } from "#model/exchange.ts";
import type { BodyReads } from "#notation/policies/body-reads.ts";
import { canDecode, codingsOf, forgetCoding } from "./body-codings.ts";
import type { BodyRoom } from "./body-room.ts";
import { decodeBody, type Decoding } from "./decode-body.ts";
import { writableRequestHeaders } from "./request-draft.ts";

/**
 * Puts the bodies that are needed into memory, decoded: whoever reads or changes them sees no Content-Encoding.
 * @returns undefined when they are there already
 * @throws GatewayError (as a rejection) `client-body-too-large`, `upstream-too-large`, `…-coding-unsupported`,
 *   `…-malformed`, `body-room-full`, or what the body itself failed with
 */
export function gather(exchange: Exchange, needs: BodyReads, room: BodyRoom): Promise<void> | undefined {
  const request = needs.request ? gatherRequest(exchange, room) : undefined;
  const response = needs.response ? gatherResponse(exchange, room) : undefined;
  if (request === undefined || response === undefined) return request ?? response;
  return request.then(() => response);
}

function gatherRequest(exchange: Exchange, room: BodyRoom): Promise<void> | undefined {
  const { request, facts } = exchange;
  if (request.body === null || (request.body === undefined && facts.body === null)) return undefined;
  return take(exchange, request, request.body ?? (facts.body as BodySource), room, ofClient);
}

function gatherResponse(exchange: Exchange, room: BodyRoom): Promise<void> | undefined {
  const { response } = exchange;
  // What goes on after a switch of protocols is no body.
  if (response === null || response.status === 101) return undefined;
  if (response.body === null) return forgetCodedLength(response);
  return take(exchange, response, response.body, room, ofUpstream);
}

/** To HEAD and in a 304: whoever asks with GET is sent the body decoded, so nothing is said of it as it was coded. */
function forgetCodedLength({ headers }: ResponseDraft): undefined {
  if (codingsOf(headers).length === 0) return;
  headers.delete("content-length");
  forgetCoding(headers);
}

/** An empty body stays one: the sender said so by its framing. */
function take(
  exchange: Exchange,
  draft: RequestDraft | ResponseDraft,
  body: BodySource | Uint8Array,
  room: BodyRoom,
  errors: BodyErrors,
): Promise<void> | undefined {
  const codings = codingsOf(draft.headers);
  if (body instanceof Uint8Array && codings.length === 0) return undefined;
  return readWhole(exchange, draft, body, codings, room, errors);
}

/** What cannot be decoded is refused before it is read. */
async function readWhole(
  exchange: Exchange,
  draft: RequestDraft | ResponseDraft,
  body: BodySource | Uint8Array,
  codings: readonly string[],
  room: BodyRoom,
  errors: BodyErrors,
): Promise<void> {
  if (!canDecode(codings)) throw errors.codingUnsupported();
  const coded = body instanceof Uint8Array ? body : await new Gathering(exchange, body, room, errors.tooLarge).whole();
  if (codings.length === 0) {
    draft.body = coded;
    exchange.redaction?.note(exchange);
    return;
  }
  draft.body = coded.byteLength === 0 ? coded : await decodeBody(coded, codings, decodingOf(exchange, room, errors));
  forgetCoding(draft === exchange.request ? writableRequestHeaders(exchange) : draft.headers);
  exchange.redaction?.note(exchange);
}

function decodingOf(exchange: Exchange, room: BodyRoom, errors: BodyErrors): Decoding {
  let decoded = 0;
  return {
    malformed: errors.malformed,
    take: (bytes) => {
      decoded += bytes;
      if (decoded > room.maxBytes) return errors.tooLarge(room.maxBytes);
      // Its room has been given back already; nobody would give back more.
      if (exchange.aborted)
        return new GatewayError("client-aborted", 499, "the client went away", { source: "client" });
      if (!room.take(bytes)) return noRoom();
      exchange.gatheredBytes += bytes;
      return undefined;
    },
  };
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

interface BodyErrors {
  readonly tooLarge: (maxBytes: number) => GatewayError;
  readonly codingUnsupported: () => GatewayError;
  readonly malformed: () => GatewayError;
}

const byClient = { source: "client" } as const;
const byUpstream = { source: "upstream" } as const;

const ofClient: BodyErrors = {
  tooLarge: (maxBytes) =>
    new GatewayError("client-body-too-large", 413, `policies take bodies up to ${maxBytes} bytes`, byClient),
  codingUnsupported: () =>
    new GatewayError("client-coding-unsupported", 415, "the request's Content-Encoding is not known here", byClient),
  malformed: () => new GatewayError("client-malformed", 400, "the body is not what Content-Encoding says", byClient),
};

const ofUpstream: BodyErrors = {
  tooLarge: (maxBytes) =>
    new GatewayError("upstream-too-large", 502, `policies take responses up to ${maxBytes} bytes`, byUpstream),
  codingUnsupported: () =>
    new GatewayError(
      "upstream-coding-unsupported",
      502,
      "the response's Content-Encoding is not known here",
      byUpstream,
    ),
  malformed: () =>
    new GatewayError("upstream-malformed", 502, "the body is not what Content-Encoding says", byUpstream),
};

function noRoom(): GatewayError {
  return new GatewayError("body-room-full", 503, "no memory is left for bodies that policies read", {
    retryable: true,
  });
}
