import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";
import type { ClientListener, ClientStream, TunnelSource } from "#model/body.ts";
import { GatewayError } from "#model/errors.ts";
import type { HeaderList } from "#model/header-list.ts";

export interface KeptResponse {
  readonly status: number;
  readonly reason: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** A client that keeps what it is sent. */
export class KeptClient implements ClientStream {
  listener: ClientListener | null = null;
  /** Null: the connection was broken off. */
  readonly response: Promise<KeptResponse | null>;
  #head: Omit<KeptResponse, "body"> | null = null;
  readonly #chunks: Uint8Array[] = [];
  #done: (response: KeptResponse | null) => void = () => {};

  constructor() {
    this.response = new Promise((resolve) => (this.#done = resolve));
  }

  get headSent(): boolean {
    return this.#head !== null;
  }

  informational(): void {
    // What is shown is the final answer.
  }

  head(status: number, reason: string, headers: HeaderList): void {
    this.#head = { status, reason: reason || (STATUS_CODES[status] ?? ""), headers: headers.raw.slice() };
  }

  switchProtocols(): TunnelSource {
    throw new GatewayError("internal", 500, "the workbench switches no protocols");
  }

  write(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    return true;
  }

  end(last: Uint8Array | null): void {
    if (last !== null) this.#chunks.push(last);
    this.#finish(this.#head === null ? null : { ...this.#head, body: Buffer.concat(this.#chunks) });
  }

  abort(): void {
    this.#finish(null);
  }

  closeAfter(): void {
    // There is no connection.
  }

  #finish(response: KeptResponse | null): void {
    this.#done(response);
    this.listener?.closed(response !== null);
  }
}
