import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionOptions,
} from "node:http2";
import type { Socket } from "node:net";
import type { ConnectionSettings } from "./connection.ts";
import { Http2Exchange } from "./http2-exchange.ts";
import { holdUntilClosed } from "./http2-handle.ts";
import { Timeout } from "./timer-wheel.ts";
import type { Transport } from "./transport.ts";

/** The pool, as its sessions see it. */
export interface SessionOwner {
  /** A stream has ended, or the peer allows more of them. */
  freed(session: Http2Session): void;
  /** Once, whatever the reason. */
  closed(session: Http2Session): void;
}

/** Streams at a time, whatever the peer allows: the window of each may fill our memory. */
const maxStreams = 256;
/** Whoever it was dialled for need not wait until the peer has said how many it allows; others do. */
const streamsAtFirst = 1;
const streamWindow = 256 * 1024;
const sessionWindow = 1024 * 1024;
/** Servers take more pings in silence for an attack: gRPC's allow one in five minutes. */
const silenceMs = 300_000;
const pongMs = 10_000;
const lingerMs = 5000;

/**
 * A client session of HTTP/2 over a socket that is ready: streams up to what the peer allows, until either side says
 * that there are to be no more.
 */
export class Http2Session {
  readonly address: string;
  readonly scheme: "http" | "https";
  readonly settings: ConnectionSettings;
  readonly #owner: SessionOwner;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #timeout: Timeout = new Timeout(() => this.#expired());
  #streams = 0;
  #limit = streamsAtFirst;
  #refusing = false;
  #lastProcessed = Number.MAX_SAFE_INTEGER;
  #heard = false;
  #pinging = false;
  #leaving = false;
  /** It has carried an exchange before. */
  used = false;

  constructor(
    owner: SessionOwner,
    socket: Socket,
    { scheme, address }: { readonly scheme: "http" | "https"; readonly address: string },
    settings: ConnectionSettings,
  ) {
    this.#owner = owner;
    this.#socket = socket;
    this.scheme = scheme;
    this.settings = settings;
    this.address = address;
    const options = sessionOptions(settings);
    this.#session = connect(`${scheme}://upstream`, { ...options, createConnection: () => socket });
    holdUntilClosed(this.#session);
    this.#listen();
  }

  /** One more stream can be opened now. */
  get hasRoom(): boolean {
    const { closed, destroyed } = this.#session;
    return !closed && !destroyed && !this.#leaving && !this.#refusing && this.#streams < this.#limit;
  }

  get isIdle(): boolean {
    return this.#streams === 0;
  }

  /** Room for one exchange, taken until {@link released}. */
  lease(): Transport {
    this.#streams += 1;
    if (this.#streams === 1) this.#watch();
    return new Http2Exchange(this);
  }

  /** Opens the stream of an exchange. @throws when the fields cannot be sent */
  request(fields: readonly string[], ends: boolean, mayHaveTrailers: boolean): ClientHttp2Stream {
    this.used = true;
    return this.#session.request(fields, { endStream: ends, waitForTrailers: mayHaveTrailers });
  }

  /** `refused`: the peer wanted no such stream now, so it is asked for no more until one of the others has ended. */
  released(refused: boolean): void {
    this.#streams -= 1;
    this.#refusing = this.#streams > 0 && (refused || this.#refusing);
    if (this.#streams === 0) this.settings.wheel.disarm(this.#timeout);
    if (this.#leaving) this.#leave();
    else this.#owner.freed(this);
  }

  /** The peer has said that it has looked at nothing of this stream. @see RFC 9113 §6.8 */
  isUnprocessed(stream: ClientHttp2Stream): boolean {
    return stream.id === undefined || stream.id > this.#lastProcessed;
  }

  /** Something has come from the peer. */
  heard(): void {
    this.#heard = true;
  }

  /** A stream has waited in vain: is the peer still there? If not, the others shall not wait as long. */
  suspect(): void {
    if (this.#pinging || this.#session.closed || this.#session.destroyed) return;
    this.#pinging = this.#session.ping((error) => {
      this.#pinging = false;
      if (error === null && this.#streams > 0) this.#watch();
    });
    if (this.#pinging) this.#arm(pongMs);
  }

  /** Idle for that long, it closes. */
  expireIdleAfter(milliseconds: number): void {
    if (milliseconds <= 0) this.close();
    else this.#arm(milliseconds);
  }

  /** No new streams; the open ones finish. */
  close(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#session.close();
    this.#leave();
  }

  #listen(): void {
    const session = this.#session;
    session.setLocalWindowSize(sessionWindow);
    session.on("remoteSettings", ({ maxConcurrentStreams }) => {
      this.#limit = Math.min(maxConcurrentStreams ?? maxStreams, maxStreams);
      this.#owner.freed(this);
    });
    session.on("goaway", (_code, lastStreamId) => {
      this.#lastProcessed = lastStreamId;
    });
    // The streams tell their own ends; a session that fails before it has one is told by `close`.
    session.on("error", () => {});
    session.on("close", () => {
      this.settings.wheel.disarm(this.#timeout);
      this.#owner.closed(this);
    });
  }

  #watch(): void {
    this.#heard = false;
    this.#arm(silenceMs);
  }

  #expired(): void {
    if (this.#leaving) this.#socket.destroy();
    else if (this.#streams === 0) this.close();
    else if (this.#pinging) this.#session.destroy(undefined, constants.NGHTTP2_CANCEL);
    else if (this.#heard) this.#watch();
    else this.suspect();
  }

  /** A peer that does not close its side must not keep the socket. */
  #leave(): void {
    if (this.#streams === 0) this.#arm(lingerMs);
  }

  /** The wheel would only note a later time: here the reason changes with the time. */
  #arm(milliseconds: number): void {
    this.settings.wheel.disarm(this.#timeout);
    this.settings.wheel.arm(this.#timeout, milliseconds);
  }
}

function sessionOptions({ limits }: ConnectionSettings): ClientSessionOptions & { strictSingleValueFields: boolean } {
  return {
    settings: { enablePush: false, initialWindowSize: streamWindow, maxHeaderListSize: limits.headerBytes },
    maxHeaderListPairs: limits.headerCount + 8,
    maxReservedRemoteStreams: 0,
    maxSettings: 32,
    maxSessionMemory: 64,
    // Requests of different clients share this session: with one table for all, one could guess at another's fields.
    maxDeflateDynamicTableSize: 0,
    // What a client repeats is the upstream's to judge, as over HTTP/1.1.
    strictSingleValueFields: false,
  };
}
