import { spawn } from "node:child_process";
import type { LoadResult } from "./result.ts";

/** Eight connections, each with so many requests under way that it never waits for one answer. */
const shape = ["-c", "8", "-m", "32", "-t", "1"];

export interface Http2Load {
  readonly port: number;
  readonly path: string;
  /** `Name: value`. */
  readonly headers: readonly string[];
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** HTTP/2 load by nghttp2's h2load. @throws Error when it does not end well, or says what is not understood */
export function h2load({ port, path, headers, seconds, signal }: Http2Load): Promise<LoadResult> {
  const fields = headers.flatMap((field) => ["-H", field]);
  // It takes whole seconds.
  const args = [
    ...shape,
    "-D",
    String(Math.max(1, Math.round(seconds))),
    ...fields,
    `https://localhost:${port}${path}`,
  ];
  const child = spawn("h2load", args, { stdio: ["ignore", "pipe", "inherit"], signal });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(readH2load(text));
      else reject(new Error(`h2load ended with ${code}`));
    });
  });
}

/** What h2load prints in the end. */
export function readH2load(text: string): LoadResult {
  const done = /finished in ([\d.]+)(ms|s|us),/.exec(text);
  const statuses = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(text);
  const failed = / (\d+) failed, (\d+) errored, (\d+) timeout/.exec(text);
  if (done === null || statuses === null || failed === null) throw new Error(`h2load says: ${text.slice(-400)}`);
  const [, good, ...others] = statuses.map(Number);
  // Requests that the end of the time has cut off count as failed by h2load, and have no status.
  const failures = others.reduce((sum, count) => sum + count, 0) + Number(failed[2]) + Number(failed[3]);
  const inSecond = { us: 1e6, ms: 1e3, s: 1 }[done[2] as "us" | "ms" | "s"];
  return {
    requests: good ?? 0,
    failures,
    firstFailure: failures === 0 ? "" : (statuses[0] ?? ""),
    seconds: Number(done[1]) / inSecond,
    p50: null,
    p99: null,
  };
}
