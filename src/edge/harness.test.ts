import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BodySource, ClientListener } from "#model/body.ts";
import type { EdgeLimits, EdgeSettings } from "#model/definition.ts";
import type { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { firstPort } from "#model/listen-place.ts";
import type { Clock, Log } from "#model/ports.ts";
import { createEdge } from "./edge.ts";
import type { Edge, EdgeOptions, EdgeRefusal } from "./edge-types.ts";
import { createInternalCa, type InternalCa } from "./internal-ca.ts";
import { plainFiles } from "./secret-files.ts";

export const quietLog: Log = { info(): void {}, warn(): void {}, error(): void {} };
export const systemClock: Clock = { now: () => Date.now(), mono: () => performance.now() };

export const roomyLimits: EdgeLimits = {
  headerBytes: 16 * 1024,
  headerCount: 100,
  bodyBytes: 1024 * 1024,
  policyBodyBytes: 1024 * 1024,
  expressionMs: 100,
  headersTimeoutMs: 10_000,
  bodyIdleTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  streamIdleTimeoutMs: 60_000,
  connections: 1000,
  drainMs: 1000,
};

export interface Running {
  readonly edge: Edge;
  readonly settings: EdgeSettings;
  readonly https: number;
  readonly http: number;
  readonly refusals: EdgeRefusal[];
  readonly exchanges: Exchange[];
  stop(): Promise<void>;
}

export type RunOptions = Partial<Omit<EdgeSettings, "limits">> & {
  readonly limits?: Partial<EdgeLimits>;
  readonly edge?: Partial<EdgeOptions>;
  readonly onExchange?: (exchange: Exchange) => void;
};

let ids = 0;

/** An edge on loopback ports; answers "ok" unless told otherwise. */
export async function run(options: RunOptions = {}): Promise<Running> {
  const { limits, edge: more, onExchange = (exchange) => reply(exchange, 200, "ok"), ...settings } = options;
  const refusals: EdgeRefusal[] = [];
  const exchanges: Exchange[] = [];
  const tls = settings.tls ?? "off";
  const all: EdgeSettings = {
    https: tls === "off" ? [] : [{ host: "127.0.0.1", port: 0 }],
    http: [{ host: "127.0.0.1", port: 0 }],
    tls,
    trustedProxies: [],
    hsts: null,
    clientCertificates: null,
    listenerCertificates: [],
    forwardAuth: null,
    proxySecret: null,
    forwardedHeader: false,
    proxyProtocol: [],
    advertisedPorts: { https: null, http: null },
    allowedHeaderNames: [],
    limits: { ...roomyLimits, ...limits },
    ...settings,
  };
  const edge = createEdge({
    settings: all,
    certificates: [],
    onExchange: (exchange) => {
      exchanges.push(exchange);
      onExchange(exchange);
    },
    onRefused: (refusal) => void refusals.push(refusal),
    clock: systemClock,
    newId: () => `id-${++ids}`,
    log: quietLog,
    ...more,
  });
  const bound = await edge.listen();
  return {
    edge,
    settings: all,
    https: firstPort(bound.https) ?? 0,
    http: firstPort(bound.http) ?? 0,
    refusals,
    exchanges,
    stop: () => edge.drain(0),
  };
}

export function reply(exchange: Exchange, status: number, body: string, headers: string[] = []): void {
  exchange.client.listener ??= { drained() {}, closed() {} };
  const bytes = Buffer.from(body);
  exchange.client.head(status, "", new HeaderList(headers), bytes.byteLength);
  exchange.client.end(bytes.byteLength === 0 ? null : bytes, null);
}

/** How an exchange ended for its client. */
export function closing(exchange: Exchange): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const listener: ClientListener = { drained() {}, closed: resolve };
  exchange.client.listener = listener;
  return promise;
}

export interface ReadBody {
  readonly bytes: Buffer;
  readonly trailers: readonly string[] | null;
}

export function readBody(body: BodySource | null): Promise<ReadBody> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadBody>();
  const chunks: Uint8Array[] = [];
  if (body === null) resolve({ bytes: Buffer.alloc(0), trailers: null });
  else {
    body.start({
      data: (chunk) => void chunks.push(chunk),
      end: (trailers) => resolve({ bytes: Buffer.concat(chunks), trailers }),
      fail: (error: GatewayError) => reject(error),
    });
  }
  return promise;
}

/** Sends bytes and reads until the server ends the connection, or `until` has come. */
export async function raw(port: number, bytes: string | Buffer, until?: RegExp): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    if (until?.test(text) === true) resolve();
  });
  socket.on("close", () => resolve());
  socket.on("error", () => resolve());
  socket.write(bytes);
  await promise;
  socket.destroy();
  return text;
}

export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => {});
  return socket;
}

/** Polls, since what is waited for is on the other side of a socket. Fails after 10 s. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    assert.ok(Date.now() < deadline, `never came true: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A throw-away internal CA. */
export async function makeCa(): Promise<{ ca: InternalCa; remove: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "sallyport-edge-"));
  const random = { bytes: (count: number) => randomBytes(count) };
  const ca = await createInternalCa({
    directory,
    clock: systemClock,
    random,
    log: quietLog,
    secrets: plainFiles(random),
  });
  return { ca, remove: () => rm(directory, { recursive: true, force: true }) };
}
