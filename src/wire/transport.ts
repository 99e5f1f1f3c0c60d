import type { GatewayError } from "#model/errors.ts";
import type { Target } from "./dial.ts";
import type { ResponseHandler } from "./http1-response-parser.ts";

/** The head of a request in no protocol's spelling yet. */
export interface RequestHead {
  readonly method: string;
  /** Origin-form: path and query. */
  readonly target: string;
  /** What Host or `:authority` says. */
  readonly host: string;
  /** Flat `[name, value, …]`; framing, connection fields and Host among them are left out. */
  readonly fields: readonly string[];
  /** Bytes of the body (0 is said too), or `noBody` or `chunkedRequest` of the request writer. */
  readonly framing: number;
  /** The body is held back until the peer says that it wants it: `Expect: 100-continue`. */
  readonly expects: boolean;
  /** Protocol to switch to, lower case; null: none. A 101 may then be the response's head. */
  readonly upgrade: string | null;
}

/**
 * How far an exchange had come when it failed. `unprocessed`: nothing was sent, or the peer says that it has looked at
 * none of it, so it may be sent again whatever the method. `unanswered`: not a byte of a response had come.
 */
export type Progress = "unprocessed" | "unanswered" | "answered";

/**
 * Whoever has an exchange on a transport. After `end` or `failed`, exactly one of them, nothing follows. Only after a
 * 101 `end` is about the peer's direction alone: the transport stays the user's until it has called `finish` as well.
 */
export interface TransportUser extends ResponseHandler {
  /** Instead of `data`: the memory is the transport's again when it returns. Absent: the user keeps what it gets. */
  lent?(chunk: Uint8Array): void;
  /** The response is complete. The transport is no longer this user's. */
  end(trailers: string[] | null): void;
  /** Instead of `end`. */
  failed(error: GatewayError, progress: Progress): void;
  /** What was written has left; more may be. */
  drained(): void;
}

/** What carries one exchange at a time: an HTTP/1.1 connection, or a stream of an HTTP/2 session. */
export interface Transport {
  /** `address:port` that was dialled. */
  readonly address: string;
  /**
   * Begins an exchange. A head that the protocol cannot carry fails it as `internal`, possibly before this returns.
   * `body`: the whole of it, where it is at hand. `complete`: nothing follows. `timeoutMs`: until the response's head,
   * since the last byte written.
   */
  send(user: TransportUser, head: RequestHead, body: Uint8Array | null, complete: boolean, timeoutMs: number): void;
  /** More of the body. @returns false when the caller should wait for `drained`. */
  write(chunk: Uint8Array): boolean;
  /** As `write`; the memory is the caller's again when it returns. Absent: it is kept until it has gone. */
  writeLent?(chunk: Uint8Array): boolean;
  /** The request is complete; after a 101, this direction. @throws GatewayError `internal` for trailers that cannot be written. */
  finish(trailers: readonly string[] | null): void;
  pause(): void;
  resume(): void;
  /** Longest silence from now on, instead of the usual one within a response's body. */
  allowSilence(milliseconds: number): void;
  /** Ends the exchange at once; no further call to the user. */
  abandon(): void;
}

/** Who wants a transport. One of the two is called, once, possibly before `acquire` returns. */
export interface PoolUser {
  /** Address of the client that it is for; empty for the gateway's own requests. */
  readonly clientAddress: string;
  /** To switch protocols, which HTTP/2 does not do: where there is a choice, an HTTP/1.1 connection is taken. */
  readonly switches?: boolean;
  /** `reused`: it has carried an exchange before, so the peer may be closing it right now. */
  connected(transport: Transport, reused: boolean): void;
  /** `upstream-connect-failed`, `upstream-unavailable` or what the look-up said. */
  refused(error: GatewayError): void;
}

/** Transports of one worker to one target. */
export interface TransportPool {
  readonly target: Target;
  /** Nothing is open and nobody waits. */
  readonly isEmpty: boolean;
  /** `fresh`: not one that has been used before. */
  acquire(user: PoolUser, fresh: boolean): void;
  /** The user no longer wants what it asked for; nothing is called. */
  cancel(user: PoolUser): void;
  /** Closes what is idle now and what is in use after its exchanges. */
  retire(): void;
}
