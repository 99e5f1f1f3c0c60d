import { once } from "node:events";
import { createServer as createHttp, type RequestListener, type Server as HttpServer } from "node:http";
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from "node:net";
import type { BodySink, BodySource, ClientListener, ClientStream } from "#model/body.ts";
import type { Backend } from "#model/definition.ts";
import type { GatewayError } from "#model/errors.ts";
import { Exchange, type RequestFacts } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { createPermitAuthority } from "#model/permit.ts";
import type { Clock, UpstreamResponse } from "#model/ports.ts";
import { TimerWheel } from "#wire/timer-wheel.ts";
import { createForwarder, type Forwarder, type ForwarderOptions } from "./forward.ts";

export const clock: Clock = { now: () => Date.now(), mono: () => performance.now() };
export const authority: ReturnType<typeof createPermitAuthority> = createPermitAuthority();

/** Closes what a test opened, the latest first. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];

  add<T>(thing: T, step: (thing: T) => unknown): T {
    this.#steps.push(() => step(thing));
    return thing;
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).toReversed()) await step();
  }
}

export async function listen(server: Server, cleanup: Cleanup): Promise<number> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  server.on("connection", track);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.add(server, async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export interface HttpUpstream {
  readonly url: string;
  readonly port: number;
  readonly server: HttpServer;
  /** Connections accepted so far. */
  connections(): number;
}

export async function httpUpstream(cleanup: Cleanup, listener: RequestListener): Promise<HttpUpstream> {
  const server = createHttp(listener);
  let connections = 0;
  server.on("connection", () => (connections += 1));
  const port = await listen(server, cleanup);
  return { url: `http://127.0.0.1:${port}`, port, server, connections: () => connections };
}

/** A server that does with each connection what it likes. */
export async function rawUpstream(cleanup: Cleanup, serve: (socket: Socket, nth: number) => void): Promise<string> {
  let count = 0;
  const server = createTcp((socket) => serve(socket, (count += 1)));
  return `http://127.0.0.1:${await listen(server, cleanup)}`;
}

/** Answers each request head with `answer`, whatever it says. */
export function answering(answer: string): (socket: Socket) => void {
  return (socket) => socket.on("data", () => socket.write(answer, "latin1"));
}

export function backend(urls: readonly string[], more: Partial<Backend> = {}): Backend {
  return {
    name: "up",
    targets: urls.map((url) => ({ url, weight: 1, priority: 1 })),
    balance: { policy: "round-robin", choices: 2, name: "" },
    sticky: null,
    discover: null,
    retries: null,
    passiveHealth: null,
    circuitBreaker: null,
    outliers: null,
    slowStartMs: 0,
    maxActive: 1_000_000,
    connectTimeoutMs: 1000,
    idleTimeoutMs: 5000,
    maxConnections: 32,
    maxWaiting: 32,
    protocol: "http/1.1",
    host: "preserve",
    ca: null,
    tls: null,
    proxyProtocol: null,
    credentials: null,
    health: null,
    at: { file: "sallyport.yaml", line: 1, column: 1 },
    ...more,
  };
}

export function forwarder(cleanup: Cleanup, options: Partial<ForwarderOptions>): Forwarder {
  const wheel = cleanup.add(new TimerWheel(clock, { tickMs: 10 }), (made) => made.close());
  const made = createForwarder({
    check: authority.check,
    clock,
    wheel,
    ownAddresses: [],
    backends: [],
    egress: { allow: [] },
    ...options,
  });
  return cleanup.add(made, (it) => it.close());
}

export class RecordingClient implements ClientStream {
  listener: ClientListener | null = null;
  headSent = false;
  readonly interim: { readonly status: number; readonly raw: readonly string[] }[] = [];

  informational(status: number, headers: HeaderList): void {
    this.interim.push({ status, raw: headers.raw });
  }

  head(): void {
    this.headSent = true;
  }

  switchProtocols(): never {
    throw new Error("nobody switches protocols here");
  }

  write(): boolean {
    return true;
  }

  end(): void {}
  abort(): void {}
  closeAfter(): void {}
}

export interface RequestPlan {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: string[];
  readonly body?: BodySource | null;
  readonly timeoutMs?: number;
  readonly authority?: string;
}

export function exchange(plan: RequestPlan = {}): Exchange {
  const facts: RequestFacts = {
    id: "0",
    startedAt: 0,
    startedMono: 0,
    protocol: "HTTP/1.1",
    scheme: "http",
    method: plan.method ?? "GET",
    host: "public.example",
    authority: plan.authority ?? "public.example:8443",
    target: plan.path ?? "/",
    path: plan.path ?? "/",
    query: plan.query ?? "",
    headers: new HeaderList(plan.headers ?? []),
    body: plan.body ?? null,
    peerAddress: "",
    clientAddress: "",
    peerTrusted: false,
    upgrade: null,
    tls: null,
  };
  const made = new Exchange(facts, new RecordingClient());
  made.request.backend = 0;
  made.request.timeoutMs = plan.timeoutMs ?? 5000;
  return made;
}

export function send(via: Pick<Forwarder, "forward">, made: Exchange): Promise<UpstreamResponse> {
  return via.forward(made, authority.mint(made, made.principal));
}

export interface Received {
  readonly bytes: Buffer;
  readonly trailers: readonly string[] | null;
}

export function readAll(body: BodySource | null): Promise<Received> {
  return new Promise((resolve, reject) => {
    if (body === null) return resolve({ bytes: Buffer.alloc(0), trailers: null });
    const chunks: Uint8Array[] = [];
    body.start({
      data: (chunk) => chunks.push(chunk),
      end: (trailers) => resolve({ bytes: Buffer.concat(chunks), trailers }),
      fail: reject,
    });
  });
}

export async function text(response: UpstreamResponse): Promise<string> {
  return (await readAll(response.body)).bytes.toString("latin1");
}

/** A request body that a test pushes by hand. */
export class ManualBody implements BodySource {
  readonly length: number | undefined;
  waits: boolean;
  sink: BodySink | null = null;
  paused = false;
  cancelled = false;
  pauses = 0;
  onResume: (() => void) | null = null;

  /** @param waits its client wants to be told to go on */
  constructor(length?: number, waits: boolean = false) {
    this.length = length;
    this.waits = waits;
  }

  start(sink: BodySink): void {
    this.waits = false;
    this.sink = sink;
  }

  pause(): void {
    this.paused = true;
    this.pauses += 1;
  }

  resume(): void {
    this.paused = false;
    this.onResume?.();
  }

  cancel(): void {
    this.cancelled = true;
  }

  push(chunk: string | Uint8Array): void {
    this.sink?.data(typeof chunk === "string" ? Buffer.from(chunk, "latin1") : chunk);
  }

  end(trailers: readonly string[] | null = null): void {
    this.sink?.end(trailers);
  }

  fail(error: GatewayError): void {
    this.sink?.fail(error);
  }
}

/** Waits until `holds`, for things that happen on the other side of a socket. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function isCode(code: string, status?: number): (error: unknown) => boolean {
  return (error) => {
    const { code: actual, status: actualStatus } = error as GatewayError;
    if (actual !== code || (status !== undefined && actualStatus !== status)) throw error;
    return true;
  };
}
