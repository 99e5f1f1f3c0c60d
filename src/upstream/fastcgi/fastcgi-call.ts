import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { BodySink, BodySource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { Underway } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { UpstreamResponse } from "#model/ports.ts";
import { ResponseBody, type BodyOrigin } from "#upstream/response-body.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import { type CgiHead, CgiHeadReader } from "./cgi-head.ts";
import { beginRequest, encodePairs, RecordReader, recordType, writeStream } from "./records.ts";

export interface FastCgiRequest {
  readonly variables: ReadonlyMap<string, string>;
  readonly body: Uint8Array | BodySource | null;
  readonly isHead: boolean;
  readonly timeoutMs: number;
  readonly keep: boolean;
}

export interface CallEvents {
  /** What the application wrote to its error stream. */
  readonly onErrorText: (text: string) => void;
  /** The connection is no longer used by this call. Once. */
  readonly onOver: (socket: Socket, usable: boolean) => void;
}

const bodyIdleMs = 300_000;
const maxErrorText = 2048;

/** One request on one connection: from the first record to the end of the response's body. */
export class FastCgiCall implements BodyOrigin, BodySink, Underway {
  readonly #socket: Socket;
  readonly #request: FastCgiRequest;
  readonly #events: CallEvents;
  readonly #head: CgiHeadReader = new CgiHeadReader();
  readonly #reader: RecordReader = new RecordReader({
    content: (type, bytes) => this.#content(type, bytes),
    end: (status) => this.#ended(status),
  });
  readonly #response = Promise.withResolvers<UpstreamResponse>();
  #timer: NodeJS.Timeout | undefined;
  #answered = false;
  #body: ResponseBody | null = null;
  #left = -1;
  #errorText = 0;
  #uploading: BodySource | null = null;
  #paused = false;
  #over = false;
  /** Whether anything has come back: until then nothing is known to have happened. */
  heard = false;

  constructor(socket: Socket, request: FastCgiRequest, events: CallEvents) {
    this.#socket = socket;
    this.#request = request;
    this.#events = events;
  }

  /** @throws GatewayError `upstream-timeout`, `upstream-reset`, `upstream-malformed`, `upstream-unavailable` */
  run(): Promise<UpstreamResponse> {
    const socket = this.#socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => this.#lost());
    socket.on("close", () => this.#lost());
    socket.on("drain", () => this.#drained());
    this.#timer = setTimeout(
      () => this.#fail(upstream("upstream-timeout", 504, "no answer in time")),
      this.#request.timeoutMs,
    );
    this.#send();
    return this.#response.promise;
  }

  /** The client went away, or nobody wants the response. */
  abort(): void {
    if (this.#over) return;
    this.#body?.detach();
    this.#fail(new GatewayError("client-aborted", 499, "the client went away", { source: "client" }));
  }

  data(chunk: Uint8Array): void {
    if (this.#over) return;
    if (this.#write(recordType.stdin, chunk) || this.#paused) return;
    this.#paused = true;
    this.#uploading?.pause();
  }

  end(): void {
    this.#uploading = null;
    if (!this.#over) this.#write(recordType.stdin, new Uint8Array());
  }

  /** The request's body broke off or is too large. */
  fail(error: GatewayError): void {
    this.#uploading = null;
    this.#fail(error);
  }

  pauseReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  abandon(): void {
    this.#finish(false);
  }

  #send(): void {
    const { variables, body, keep } = this.#request;
    this.#socket.cork();
    this.#socket.write(beginRequest(keep));
    this.#write(recordType.params, encodePairs(variables));
    this.#write(recordType.params, new Uint8Array());
    if (body instanceof Uint8Array && body.length > 0) this.#write(recordType.stdin, body);
    if (body === null || body instanceof Uint8Array) this.#write(recordType.stdin, new Uint8Array());
    this.#socket.uncork();
    if (body === null || body instanceof Uint8Array) return;
    this.#uploading = body;
    body.start(this);
  }

  #write(type: 4 | 5, content: Uint8Array): boolean {
    let room = true;
    for (const piece of writeStream(type, content)) room = piece.length === 0 ? room : this.#socket.write(piece);
    return room;
  }

  #drained(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#uploading?.resume();
  }

  #read(chunk: Buffer): void {
    this.heard = true;
    if (!this.#over && !this.#reader.push(chunk)) this.#fail(malformed("what comes is not FastCGI"));
  }

  #content(type: number, bytes: Buffer): void {
    if (this.#over) return;
    if (type === recordType.stderr) this.#complain(bytes);
    else if (type !== recordType.stdout) this.#fail(malformed(`a record of type ${type}`));
    else if (this.#answered) this.#push(bytes);
    else this.#takeHead(bytes);
  }

  #takeHead(bytes: Buffer): void {
    const read = this.#head.push(bytes);
    if (read === undefined) return;
    if (read === null) return this.#fail(malformed("the head of the response cannot be read"));
    this.#answer(read.head);
    if (read.rest.length > 0) this.#push(read.rest);
  }

  #answer({ status, statusText, fields }: CgiHead): void {
    clearTimeout(this.#timer);
    this.#answered = true;
    const headers = stripHopByHop(new HeaderList(fields), false);
    const declared = headers.get("content-length");
    const length = declared !== undefined && /^\d{1,15}$/.test(declared) ? Number(declared) : undefined;
    const bodiless = this.#request.isHead || status === 204 || status === 304;
    if (!bodiless) {
      this.#body = new ResponseBody(length, this);
      this.#left = length ?? -1;
    }
    this.#socket.setTimeout(bodyIdleMs, () => this.#fail(upstream("upstream-timeout", 504, "the response stalled")));
    this.#response.resolve({ status, statusText, headers, body: this.#body, carry: null });
    if (bodiless) this.#finish(false);
  }

  #push(bytes: Buffer): void {
    if (this.#body === null) return;
    if (this.#left >= 0) {
      if (bytes.length > this.#left) return this.#fail(malformed("the body is longer than its Content-Length"));
      this.#left -= bytes.length;
    }
    this.#body.push(bytes);
  }

  /** For the operator's log, within bounds: what the application says may be anything. */
  #complain(bytes: Buffer): void {
    if (this.#errorText >= maxErrorText || bytes.length === 0) return;
    const text = bytes.toString("utf8", 0, maxErrorText - this.#errorText);
    this.#errorText += bytes.length;
    this.#events.onErrorText(text.trimEnd());
  }

  #ended(status: number): void {
    if (this.#over) return;
    if (status !== 0) return this.#fail(upstream("upstream-unavailable", 503, `refused, protocol status ${status}`));
    if (!this.#answered) return this.#fail(malformed("the response ended within its head"));
    if (this.#left > 0) return this.#fail(upstream("upstream-truncated", 502, "the body is shorter than its length"));
    const body = this.#body;
    this.#finish(this.#uploading === null);
    body?.finish(null);
  }

  #lost(): void {
    const code = this.#answered ? "upstream-truncated" : "upstream-reset";
    this.#fail(upstream(code, 502, "the connection was closed before the end"));
  }

  #fail(error: GatewayError): void {
    if (this.#over) return;
    const body = this.#body;
    this.#finish(false);
    if (this.#answered) body?.break(error);
    else this.#response.reject(error);
  }

  #finish(usable: boolean): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#uploading?.cancel();
    this.#uploading = null;
    const socket = this.#socket;
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.setTimeout(0);
    if (usable) socket.resume();
    this.#events.onOver(socket, usable && this.#request.keep);
  }
}

function upstream(
  code: "upstream-timeout" | "upstream-reset" | "upstream-truncated" | "upstream-unavailable" | "upstream-malformed",
  status: number,
  message: string,
): GatewayError {
  return new GatewayError(code, status, `FastCGI: ${message}`, { source: "upstream" });
}

function malformed(message: string): GatewayError {
  return upstream("upstream-malformed", 502, message);
}
