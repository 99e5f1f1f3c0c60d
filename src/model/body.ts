import { Buffer } from "node:buffer";
import { GatewayError } from "./errors.ts";
import type { HeaderList } from "./header-list.ts";

/**
 * A body that is still arriving. Push with back-pressure: after {@link start} the source calls the sink until
 * `end` or `fail`, exactly one of them, exactly once, and never from within {@link start} itself when `fail`.
 */
export interface BodySource {
  /** Bytes to come as declared by the sender; undefined when it did not say. */
  readonly length: number | undefined;
  /**
   * The sender holds the body back until {@link start} tells it to go on (`Expect: 100-continue`), and nothing of it has
   * come. Absent: it does not wait. @see RFC 9110 §10.1.1
   */
  readonly waits?: boolean;
  /** Lowers or raises what may come; absent: it is not bounded. */
  setLimit?(bytes: number): void;
  /** Called once. */
  start(sink: BodySink): void;
  /** Stop calling `data` soon; what is under way may still arrive. */
  pause(): void;
  resume(): void;
  /** Nobody wants the rest. No further call to the sink follows. Safe at any time, also twice, also before start. */
  cancel(): void;
}

export interface BodySink {
  /** The chunk belongs to the sink: the source does not reuse its memory. */
  data(chunk: Uint8Array): void;
  /**
   * Instead of `data`: the memory is the source's again when it returns. Absent: the sink keeps what it gets. Whoever stands
   * between a source and a sink hands on what it is lent, or has no such method.
   */
  lent?(chunk: Uint8Array): void;
  /** Clean end. Trailers flat `[name, value, …]`, or null. */
  end(trailers: readonly string[] | null): void;
  /** Truncated, too large, too slow, aborted. */
  fail(error: GatewayError): void;
}

/** What a client sends once protocols have been switched: bytes without end, until one side ends or both do. */
export interface TunnelSource extends BodySource {
  /** Bytes so far. */
  readonly received: number;
}

/** Takes to the upstream what the client sends after a switch of protocols. Called once. */
export type Carry = (source: TunnelSource) => void;

/** Where the client's answer goes; the edge has one implementation a protocol. */
export interface ClientStream {
  /** Interim response (103; of 100 the body's own `start` takes care). Ignored when the protocol cannot carry it. */
  informational(status: number, headers: HeaderList): void;
  /**
   * Status and header fields; once. `length`: bytes of body to follow, undefined when unknown. The stream adds the
   * framing fields, Date when absent, and nothing else.
   */
  head(status: number, statusText: string, headers: HeaderList, length: number | undefined): void;
  /**
   * Instead of {@link head}: the upgrade that the client asked for is taken (101; 200 over HTTP/2). From now on `write`
   * and `end` carry the other protocol; `end` ends this direction alone. Only for a request whose facts name an upgrade.
   */
  switchProtocols(headers: HeaderList): TunnelSource;
  /** False: wait for {@link ClientListener.drained} before writing more. */
  write(chunk: Uint8Array): boolean;
  /** As {@link write}; the memory is the caller's again when it returns. Absent: what is written is kept until it has gone. */
  writeLent?(chunk: Uint8Array): boolean;
  /** Clean end; once. */
  end(last: Uint8Array | null, trailers: readonly string[] | null): void;
  /** Break off so that the client sees truncation. */
  abort(): void;
  /** Set by the pipeline, before anything is written. */
  listener: ClientListener | null;
  /** No keep-alive after this response. */
  closeAfter(): void;
  readonly headSent: boolean;
}

/** From here on it pays to lend a piece: a shorter one shares its memory with others anyway. */
export const lendBytes = 4096;

/** Writes what is lent. @returns as `write` */
export function writeLentTo(client: Pick<ClientStream, "write" | "writeLent">, chunk: Uint8Array): boolean {
  return client.writeLent === undefined ? client.write(Buffer.from(chunk)) : client.writeLent(chunk);
}

export interface ClientListener {
  drained(): void;
  /**
   * The connection or stream is gone; `completed` says whether the whole response was handed to it before. Once.
   * @param isOurs the gateway ends, and has waited for its connections for as long as it may
   */
  closed(completed: boolean, isOurs?: boolean): void;
}

/** Stands where a client stood that has its answer already: for exchanges that are made only to be recorded. */
export const answeredClient: ClientStream = {
  informational: () => {},
  head: () => {},
  switchProtocols: () => {
    throw new GatewayError("internal", 500, "the client has been answered already");
  },
  write: () => true,
  end: () => {},
  abort: () => {},
  listener: null,
  closeAfter: () => {},
  headSent: true,
};
