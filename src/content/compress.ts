import type { Compression } from "#model/compression.ts";
import type { Exchange, ResponseDraft } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { type Coding, chooseCoding, refusesIdentity } from "./accept-encoding.ts";
import { createCoder } from "./coders.ts";
import { CompressedBody } from "./compressed-body.ts";
import { fitsType } from "./media-types.ts";
import { addOriginTags, tagOf, tagOfNotModified } from "./variant-tags.ts";

/** Streams at a time and worker, each of a few MiB: a client that reads slowly holds one. Beyond, nothing is compressed. */
const maxCoders = 64;

/** What all compression of one worker shares. */
export class CoderRoom {
  active = 0;

  get isFull(): boolean {
    return this.active >= maxCoders;
  }
}

/** Fields that are about the bytes as they were. */
const ofOriginalBytes = ["content-length", "accept-ranges", "content-md5", "digest", "content-digest", "repr-digest"];

/** Compression of one API's responses. */
export class Compressor {
  readonly #settings: Compression;
  readonly #room: CoderRoom;

  constructor(settings: Compression, room: CoderRoom) {
    this.#settings = settings;
    this.#room = room;
  }

  /** Before anybody looks at them: the conditions of the request, in the origin's words. */
  prepare(exchange: Exchange): void {
    const { codings } = this.#settings;
    addOriginTags(exchange, chooseCoding(acceptOf(exchange), codings), codings, writable);
  }

  /** Before the response is sent. */
  apply(exchange: Exchange, response: ResponseDraft): void {
    const accept = acceptOf(exchange);
    const coding = chooseCoding(accept, this.#settings.codings);
    if (response.status === 304) return applyNotModified(exchange, response, coding);
    if (!this.#isNegotiable(exchange, response, accept)) return;
    addVary(response.headers);
    // A part is of the representation as it is.
    if (coding !== null && response.status !== 206) this.#encode(exchange, response, coding);
  }

  #isNegotiable({ facts }: Exchange, response: ResponseDraft, accept: string | undefined): boolean {
    const { status, headers } = response;
    if (status < 200 || status === 204 || status === 205) return false;
    if ((headers.get("content-encoding") ?? "identity").toLowerCase() !== "identity") return false;
    if (isUntouchable(headers) || isUntouchable(facts.headers)) return false;
    const type = (headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const length = lengthOf(response, facts.method);
    if (length === 0) return false;
    if (refusesIdentity(accept)) return type !== "text/event-stream";
    return fitsType(type, this.#settings.types) && (length === undefined || length >= this.#settings.minBytes);
  }

  #encode(exchange: Exchange, response: ResponseDraft, coding: Coding): void {
    const { headers, body } = response;
    if (body !== null && this.#room.isFull) return;
    for (const name of ofOriginalBytes) headers.delete(name);
    headers.set("Content-Encoding", coding);
    const etag = headers.get("etag");
    if (etag !== undefined) headers.set("ETag", tagOf(etag, coding));
    if (body === null || exchange.facts.method === "HEAD") return;
    this.#room.active += 1;
    const coder = createCoder(coding, this.#settings.level);
    response.body = new CompressedBody(body, coding, coder, () => (this.#room.active -= 1));
  }
}

function acceptOf({ facts }: Exchange): string | undefined {
  return facts.headers.joined("accept-encoding");
}

function writable({ request, facts }: Exchange): HeaderList {
  if (request.headers === facts.headers) request.headers = facts.headers.clone();
  return request.headers;
}

/** Bytes of the content, of a HEAD's as it is told; undefined when nobody knows. */
function lengthOf({ headers, body }: ResponseDraft, method: string): number | undefined {
  if (body instanceof Uint8Array) return body.byteLength;
  if (body !== null) return body.length;
  const declared = method === "HEAD" ? headers.get("content-length") : "0";
  return declared === undefined ? undefined : Number(declared);
}

/** @see RFC 9111 §5.2.2.6, RFC 9111 §5.2.1.6 */
function isUntouchable(headers: HeaderList): boolean {
  const control = headers.joined("cache-control");
  return control !== undefined && /(?:^|[,\s])no-transform(?:$|[,\s;])/i.test(control);
}

/** Which form it would have had is not known, so it is as if it had one. */
function applyNotModified(exchange: Exchange, { headers }: ResponseDraft, coding: Coding | null): void {
  addVary(headers);
  const etag = headers.get("etag");
  if (etag !== undefined && coding !== null) headers.set("ETag", tagOfNotModified(exchange, etag, coding));
}

function addVary(headers: HeaderList): void {
  const present = (headers.joined("vary") ?? "").toLowerCase().split(",");
  if (!present.some((member) => member.trim() === "accept-encoding" || member.trim() === "*")) {
    headers.append("Vary", "Accept-Encoding");
  }
}
