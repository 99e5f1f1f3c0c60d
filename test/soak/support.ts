import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { pathToFileURL } from "node:url";
import { modularCli, startTestGateway, type TestGateway, type TestGatewayOptions } from "#test/support/gateway.ts";
import type { ThreadHeap } from "./inside.ts";

/** How long and how much, against the default: SALLYPORT_SOAK_SCALE. Bounds on what must hold do not scale. */
export const scale: number = Math.max(0.05, Number(process.env["SALLYPORT_SOAK_SCALE"] ?? "1") || 1);

export function scaled(amount: number): number {
  return Math.max(1, Math.round(amount * scale));
}

/** The same seed draws the same numbers: SALLYPORT_SOAK_SEED repeats a run. */
export const soakSeed: number = Number(process.env["SALLYPORT_SOAK_SEED"] ?? "") || Date.now() % 1_000_000_007;

export interface Dice {
  /** 0 ≤ n < below. */
  below(below: number): number;
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** A small repeatable generator (xorshift with a multiplied start). Not for secrets. */
export function diceOf(seed: number): Dice {
  let state = (Math.imul(seed ^ (seed / 2 ** 32), 0x9e37_79b1) ^ 0x85eb_ca6b) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    pick: (items) => items[below(items.length)] as (typeof items)[number],
  };
}

/** Asks until it is so. @throws Error when it never was: the deadline is far beyond what is expected */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 60_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
    await sleep(50);
  }
}

/** A gateway whose threads can be asked from outside. */
export interface InsideGateway extends TestGateway {
  /** Live bytes of main and the workers after a full collection. */
  heaps(deadlineMs?: number): Promise<ReadonlyMap<string, ThreadHeap>>;
  /** Ends one thread from inside. */
  crash(thread: string, how: "throw" | "exit" | "fill"): void;
}

const insideModule = pathToFileURL(join(import.meta.dirname, "inside.ts")).href;

export async function startInsideGateway(options: TestGatewayOptions, workers = 2): Promise<InsideGateway> {
  const inside = mkdtempSync(join(tmpdir(), "sallyport-inside-"));
  const gateway = await startTestGateway({
    ...options,
    program: modularCli,
    args: ["--workers", String(workers), ...(options.args ?? [])],
    env: { ...options.env, SALLYPORT_SOAK_INSIDE: inside, NODE_OPTIONS: `--import=${insideModule}` },
  });
  let number = 0;
  const ask = (question: object): void => {
    number += 1;
    writeFileSync(join(inside, "question.json"), JSON.stringify({ number, ...question }));
    gateway.process.kill("SIGUSR2");
  };
  const threads = ["main", ...Array.from({ length: workers }, (_, index) => `sallyport-${index}`)];
  const heaps = async (deadlineMs?: number): Promise<ReadonlyMap<string, ThreadHeap>> => {
    ask({ what: "heap" });
    const files = threads.map((thread) => join(inside, `answer-${number}-${thread}.json`));
    await until("every thread tells its heap", () => files.every((file) => existsSync(file)), deadlineMs);
    return new Map(
      files.map((file) => {
        const answer = JSON.parse(readFileSync(file, "utf8")) as ThreadHeap;
        return [answer.thread, answer];
      }),
    );
  };
  return {
    ...gateway,
    heaps,
    crash: (thread, how) => ask({ what: how, thread }),
    cleanUp: async () => {
      await gateway.cleanUp();
      rmSync(inside, { recursive: true, force: true });
    },
  };
}

/** Live bytes of a thread that a test may hold to a bound: what JavaScript holds, buffers included. */
export function liveMiB({ heapBytes, externalBytes }: ThreadHeap): number {
  return (heapBytes + externalBytes) / 2 ** 20;
}

const procfs = existsSync("/proc/self/fd");

/** Resident memory in MiB; 0 where the platform does not tell. */
export function residentMiB(pid: number | undefined): number {
  if (!procfs || pid === undefined) return 0;
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) / 1024;
}

/** Open sockets of a process, listeners included; 0 where the platform does not tell. */
export function socketsOf(pid: number | undefined): number {
  if (!procfs || pid === undefined) return 0;
  const folder = `/proc/${pid}/fd`;
  let sockets = 0;
  for (const name of readdirSync(folder)) {
    try {
      if (readlinkSync(join(folder, name)).startsWith("socket:")) sockets += 1;
    } catch {
      // It was closed between the two calls.
    }
  }
  return sockets;
}

export interface Answer {
  readonly status: number;
  readonly id: string;
  readonly text: string;
  readonly headers: NodeJS.Dict<string | string[]>;
}

/** An HTTP/1.1 client over TLS that keeps its connections. */
export class KeepAliveClient {
  readonly #gateway: TestGateway;
  readonly #agent: Agent;

  constructor(gateway: TestGateway, connections: number) {
    this.#gateway = gateway;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections, ca: gateway.ca });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "localhost", port: this.#gateway.port, path, headers, agent: this.#agent },
        (response) => {
          let text = "";
          response.setEncoding("latin1");
          response.on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("error", reject);
          response.on("end", () => {
            const id = String(response.headers["x-request-id"] ?? "");
            resolve({ status: response.statusCode ?? 0, id, text, headers: response.headers });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

export async function openHttp2(gateway: TestGateway): Promise<ClientHttp2Session> {
  const session = connectHttp2(gateway.url, { ca: gateway.ca });
  await new Promise<void>((resolve, reject) => {
    session.once("connect", () => resolve());
    session.once("error", reject);
  });
  return session;
}

export function getHttp2(session: ClientHttp2Session, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    let text = "";
    let head: Record<string, unknown> = {};
    stream.setEncoding("latin1");
    stream.on("response", (headers) => {
      head = headers;
    });
    stream.on("data", (chunk: string) => {
      text += chunk;
    });
    stream.on("error", reject);
    stream.on("close", () => {
      if (stream.rstCode !== 0 || head[":status"] === undefined) reject(new Error(`stream ended: ${stream.rstCode}`));
      else
        resolve({
          status: Number(head[":status"]),
          id: String(head["x-request-id"]),
          text,
          headers: head as Answer["headers"],
        });
    });
    stream.end();
  });
}

/** A TLS connection without a protocol on top. */
export function openTls(gateway: TestGateway, protocol: "http/1.1" | "h2"): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls(
      { port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca, ALPNProtocols: [protocol] },
      () => {
        socket.off("error", reject);
        socket.on("error", () => socket.destroy());
        resolve(socket);
      },
    );
    socket.once("error", reject);
  });
}

/** Ids of all requests on record. */
export function recordedIds(gateway: TestGateway): ReadonlySet<string> {
  const ids = new Set<string>();
  const folder = join(gateway.data, "audit");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".jsonl"))) {
    for (const [, id = ""] of readFileSync(join(folder, name), "utf8").matchAll(/^\{[^\n]*?"id":"([^"]+)"/gm))
      ids.add(id);
  }
  return ids;
}

/** Definition of a gateway with one public API per path, all on one upstream. */
export function publicDefinition(upstream: string, more = "", limits = ""): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }${limits === "" ? "" : `, limits: { ${limits} }`} }
apis: { echo: { path: /echo, backend: up, access: public } }
backends: { up: { url: "${upstream}", maxConnections: 2048${more === "" ? "" : `, ${more}`} } }
`;
}
