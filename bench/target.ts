import { h2load } from "./load/h2load.ts";
import { LoadProcess } from "./load/process.ts";
import type { LoadResult, Turn } from "./load/result.ts";

/** One way of using one proxy. */
export interface Target {
  /** `proxy:target`, for options and for what is held against what. */
  readonly key: string;
  readonly proxy: string;
  readonly case: string;
  /** All that does the work counts, with its children. */
  readonly pids: readonly number[];
  readonly port: number;
  readonly tls: boolean;
  /** Eight connections of 32 streams, by h2load, instead of connections with one request at a time. */
  readonly http2: boolean;
  readonly ca: string;
  /** `{n}` in it and in header fields stands for a number that goes through `variants` in turn. */
  readonly path: string;
  readonly headers: readonly string[];
  readonly variants: number;
  /** Sent along with POST; undefined: GET. */
  readonly bodyBytes?: number;
  /** Where it is not those of the options. */
  readonly connections?: number;
}

/** Asks one target, turn after turn. */
export interface Asker {
  run(turn: Turn): Promise<LoadResult>;
  stop(): Promise<void>;
}

export function askerOf(target: Target, connections: number, signal: AbortSignal): Asker {
  const { port, path, headers } = target;
  if (!target.http2) return new LoadProcess({ connections, ...target }, signal);
  return { run: ({ seconds }) => h2load({ port, path, headers, seconds, signal }), stop: async () => {} };
}
