import { spawn } from "node:child_process";
import { join } from "node:path";
import { cpuSeconds, residentMiB } from "./cpu.ts";
import { h2load } from "./h2load.ts";
import type { LoadResult } from "./load.ts";
import type { Running } from "./peers.ts";

/** One way of using one proxy. */
export interface Target {
  /** `proxy:case`, for options and for what is held against what. */
  readonly key: string;
  readonly proxy: string;
  readonly case: string;
  readonly running: Running;
  readonly port: number;
  readonly tls: boolean;
  /** Eight connections of 32 streams, by h2load, instead of connections with one request at a time. */
  readonly http2: boolean;
  readonly ca: string;
  readonly path: string;
  readonly headers: readonly string[];
}

export interface Sample {
  readonly micros: number;
  readonly perSecond: number;
  readonly p50: number | null;
  readonly p99: number | null;
  readonly residentMiB: number;
  readonly failures: number;
  readonly firstFailure: string;
}

/** CPU of the whole proxy, all threads and children, over one stretch of load. */
export async function sample(target: Target, connections: number, seconds: number): Promise<Sample> {
  const before = cpuSeconds(target.running.pid);
  const result = await load(target, connections, seconds);
  const cpu = cpuSeconds(target.running.pid) - before;
  return {
    micros: (cpu * 1e6) / Math.max(1, result.requests),
    perSecond: result.requests / result.seconds,
    p50: result.p50,
    p99: result.p99,
    residentMiB: residentMiB(target.running.pid),
    failures: result.failures,
    firstFailure: result.firstFailure,
  };
}

/** The load runs in a process of its own, so that its CPU time is not counted. */
export function load(target: Target, connections: number, seconds: number): Promise<LoadResult> {
  const { port, tls, ca, path, headers, http2 } = target;
  if (http2) return h2load({ port, path, headers, seconds });
  const child = spawn(process.execPath, [join(import.meta.dirname, "load.ts")], { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(JSON.stringify({ port, tls, ca, path, headers, connections, seconds }));
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(text) as LoadResult);
      else reject(new Error(`the load ended with ${code}`));
    });
  });
}

/** Middle of the rounds: one disturbed round moves nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
