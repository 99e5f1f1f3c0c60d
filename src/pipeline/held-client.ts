import { Buffer } from "node:buffer";
import { type ClientListener, type ClientStream, type TunnelSource, writeLentTo } from "#model/body.ts";
import type { HeaderList } from "#model/header-list.ts";

/** Whoever writes the record of the exchange, and knows when it is on the disk. */
export interface Completion {
  /** All is known of the exchange but whether its client takes the rest. False: the client must not see a whole response. */
  complete(): Promise<boolean>;
}

/**
 * Strict durability: the client's stream, whose end is held until the record of the exchange is on the disk. Of a body
 * whose length was announced that is its last byte, of any other one its end; a response without a body is held as a
 * whole, since its head is its end.
 */
export class HeldClient implements ClientStream {
  readonly #client: ClientStream;
  readonly #completion: Completion;
  readonly #toHead: boolean;
  /** A head that goes out with the first byte, or with the end. */
  #head: (() => void) | null = null;
  /** Bytes of the body that are still to come; undefined: its length was not announced. */
  #left: number | undefined;
  #bodiless = false;
  #last: Uint8Array | null = null;
  #switched = false;
  #ended = false;

  /** @param toHead the request was one for a head alone */
  constructor(client: ClientStream, completion: Completion, toHead: boolean) {
    this.#client = client;
    this.#completion = completion;
    this.#toHead = toHead;
  }

  get listener(): ClientListener | null {
    return this.#client.listener;
  }

  set listener(listener: ClientListener | null) {
    this.#client.listener = listener;
  }

  get headSent(): boolean {
    return this.#head !== null || this.#client.headSent;
  }

  informational(status: number, headers: HeaderList): void {
    this.#client.informational(status, headers);
  }

  head(status: number, statusText: string, headers: HeaderList, length: number | undefined): void {
    this.#left = length;
    this.#bodiless = this.#toHead || status === 204 || status === 304;
    const send = (): void => this.#client.head(status, statusText, headers, length);
    if (length === undefined && !this.#bodiless) send();
    else this.#head = send;
  }

  switchProtocols(headers: HeaderList): TunnelSource {
    this.#switched = true;
    return this.#client.switchProtocols(headers);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#switched) return this.#client.write(chunk);
    if (this.#bodiless || chunk.byteLength === 0) return true;
    if (this.#head !== null && chunk.byteLength === this.#left) return this.#holdAll(chunk);
    this.#sendHead();
    if (this.#left === undefined) return this.#client.write(chunk);
    this.#left -= chunk.byteLength;
    if (this.#left > 0) return this.#client.write(chunk);
    if (this.#left < 0) return this.#breakOff();
    this.#last = chunk.subarray(chunk.byteLength - 1);
    return chunk.byteLength === 1 || this.#client.write(chunk.subarray(0, -1));
  }

  /** The last piece is kept, and so is one that waits for its head. */
  writeLent(chunk: Uint8Array): boolean {
    const goesOn = this.#head === null && (this.#left === undefined || chunk.byteLength < this.#left);
    if (!goesOn || this.#bodiless || this.#switched) return this.write(Buffer.from(chunk));
    if (this.#left !== undefined) this.#left -= chunk.byteLength;
    return writeLentTo(this.#client, chunk);
  }

  end(last: Uint8Array | null, trailers: readonly string[] | null): void {
    if (this.#switched) return this.#client.end(last, trailers);
    if (this.#ended) return;
    this.#ended = true;
    const bytes = last?.byteLength ?? 0;
    // More or less than was announced: no end, and nothing to hold.
    if (!this.#bodiless && this.#left !== undefined && this.#left !== bytes) return void this.#breakOff();
    void this.#endWhenRecorded(this.#last ?? last, trailers);
  }

  abort(): void {
    this.#ended = true;
    this.#head = null;
    this.#client.abort();
  }

  closeAfter(): void {
    this.#client.closeAfter();
  }

  async #endWhenRecorded(last: Uint8Array | null, trailers: readonly string[] | null): Promise<void> {
    if (!(await this.#completion.complete())) return this.abort();
    this.#sendHead();
    this.#client.end(last, trailers);
  }

  /** A short body comes in one piece, and then goes out in one write with its head. */
  #holdAll(chunk: Uint8Array): true {
    this.#last = chunk;
    this.#left = 0;
    return true;
  }

  #sendHead(): void {
    this.#head?.();
    this.#head = null;
  }

  #breakOff(): true {
    this.abort();
    return true;
  }
}
