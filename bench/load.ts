import { readFileSync } from "node:fs";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/**
 * Entry of the load process: keep-alive HTTP/1.1 connections, one request at a time each, for a fixed time. It reads
 * as little of a response as tells that it is whole and 200, so that it does not become the bottleneck.
 */
interface LoadOptions {
  readonly port: number;
  readonly tls: boolean;
  readonly ca: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly firstFailure: string;
  readonly seconds: number;
  /** Milliseconds; null: it is not known. */
  readonly p50: number | null;
  readonly p99: number | null;
}

const bodyStart = Buffer.from("\r\n\r\n");

class Connection {
  readonly #options: LoadOptions;
  readonly #request: Buffer;
  readonly #latencies: number[];
  #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #sentAt = 0;
  requests = 0;
  failures = 0;
  firstFailure = "";
  stopped = false;

  constructor(options: LoadOptions, request: Buffer, latencies: number[]) {
    this.#options = options;
    this.#request = request;
    this.#latencies = latencies;
    this.#socket = this.#open();
  }

  stop(): void {
    this.stopped = true;
    this.#socket.destroy();
  }

  #open(): Socket {
    const { port, tls, ca } = this.#options;
    const host = "127.0.0.1";
    const socket: Socket = tls
      ? connectTls({ host, port, ca, servername: "localhost", ALPNProtocols: ["http/1.1"] })
      : connectPlain({ host, port });
    socket.setNoDelay(true);
    socket.once(tls ? "secureConnect" : "connect", () => this.#send());
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#failed(error.message));
    socket.on("close", () => this.#reopen());
    return socket;
  }

  #reopen(): void {
    if (this.stopped) return;
    this.#failed("connection closed");
    this.#pending = Buffer.alloc(0);
    setTimeout(() => {
      if (!this.stopped) this.#socket = this.#open();
    }, 50);
  }

  #send(): void {
    this.#sentAt = performance.now();
    this.#socket.write(this.#request);
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const length = wholeLength(this.#pending);
    if (length === undefined || this.#pending.length < length) return;
    if (this.#pending.toString("latin1", 9, 12) === "200") this.requests += 1;
    else this.#failed(this.#pending.toString("latin1", 0, 400));
    this.#latencies.push(performance.now() - this.#sentAt);
    this.#pending = this.#pending.subarray(length);
    this.#send();
  }

  #failed(why: string): void {
    if (this.stopped) return;
    this.failures += 1;
    this.firstFailure ||= why;
  }
}

/** Bytes of head and body; undefined while that cannot be said. The upstream of the bench always gives a length. */
function wholeLength(buffer: Buffer): number | undefined {
  const at = buffer.indexOf(bodyStart);
  if (at < 0) return undefined;
  const head = buffer.toString("latin1", 0, at);
  if (/transfer-encoding: *chunked/i.test(head)) {
    const end = buffer.indexOf("0\r\n\r\n", at);
    return end < 0 ? undefined : end + 5;
  }
  return at + 4 + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

function percentile(sorted: Float64Array, share: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 1000) / 1000;
}

function run(options: LoadOptions): void {
  const head = [`GET ${options.path} HTTP/1.1`, "Host: localhost", ...options.headers, "", ""].join("\r\n");
  const request = Buffer.from(head, "latin1");
  const latencies: number[] = [];
  const started = performance.now();
  const connections = Array.from({ length: options.connections }, () => new Connection(options, request, latencies));
  setTimeout(() => {
    const seconds = (performance.now() - started) / 1000;
    for (const connection of connections) connection.stop();
    const sorted = Float64Array.from(latencies).toSorted();
    const result: LoadResult = {
      requests: connections.reduce((sum, { requests }) => sum + requests, 0),
      failures: connections.reduce((sum, { failures }) => sum + failures, 0),
      firstFailure: connections.find(({ firstFailure }) => firstFailure !== "")?.firstFailure ?? "",
      seconds,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
    };
    process.stdout.write(JSON.stringify(result), () => process.exit(0));
  }, options.seconds * 1000);
}

run(JSON.parse(readFileSync(0, "utf8")) as LoadOptions);
