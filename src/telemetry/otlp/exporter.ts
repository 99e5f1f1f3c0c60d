import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import type { Egress, EgressResponse } from "#model/ports.ts";
import type { OtlpSettings } from "#model/trace.ts";
import { protobufOf } from "./protobuf.ts";
import { rejectedOf } from "./rejected.ts";
import { requests } from "./schema.ts";

export type Signal = keyof typeof requests;

export interface Sent {
  /** What was not taken, of `items`. */
  readonly lost: number;
  readonly why: string | null;
}

const maxAnswerBytes = 64 * 1024;
const tries = 4;
const firstPauseMs = 1000;
const longestPauseMs = 15_000;
/** What may be tried again. @see https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const compress = promisify(gzip);

/** What became of one try. */
export interface Tried {
  readonly taken: boolean;
  /** The status of the answer; null: there was none. */
  readonly status: number | null;
  /** Of `items`. */
  readonly rejected: number;
  readonly afterMs: number | undefined;
  readonly why: string;
}

/** What an exporter needs of its settings. */
export type ReceiverSettings = Pick<
  OtlpSettings,
  "endpoint" | "protocol" | "compression" | "headers" | "timeoutMs" | "ca"
>;

/** Sends one request of OTLP over HTTP, again where the receiver says that it may be. */
export class OtlpExporter {
  readonly #settings: ReceiverSettings;
  readonly #egress: Egress;
  readonly #signal: AbortSignal;

  /** @param signal nothing is tried again from then on */
  constructor(settings: ReceiverSettings, egress: Egress, signal: AbortSignal) {
    this.#settings = settings;
    this.#egress = egress;
    this.#signal = signal;
  }

  /** @param items spans, or points, of the tree */
  async send(signal: Signal, tree: Readonly<Record<string, unknown>>, items: number): Promise<Sent> {
    const body = await this.#pack(signal, tree);
    let pause = firstPauseMs;
    for (let left = tries - 1; ; left -= 1) {
      const { taken, status, rejected, afterMs, why } = await this.#try(signal, body, items);
      if (taken) return { lost: rejected, why: rejected > 0 ? why : null };
      const isPassing = status === null || passing.has(status);
      if (!isPassing || left === 0 || this.#signal.aborted) return { lost: items, why };
      await sleep(afterMs ?? pause, undefined, { signal: this.#signal }).catch(() => {});
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }

  /** One try, for whoever knows when to try again. */
  async once(signal: Signal, tree: Readonly<Record<string, unknown>>, items: number): Promise<Tried> {
    return this.#try(signal, await this.#pack(signal, tree), items);
  }

  async #pack(signal: Signal, tree: Readonly<Record<string, unknown>>): Promise<Uint8Array> {
    const { protocol, compression } = this.#settings;
    const plain = protocol === "http/json" ? Buffer.from(JSON.stringify(tree)) : protobufOf(requests[signal], tree);
    return compression === "gzip" ? compress(plain) : plain;
  }

  async #try(signal: Signal, body: Uint8Array, items: number): Promise<Tried> {
    const { endpoint, protocol, headers, compression, timeoutMs, ca } = this.#settings;
    const json = protocol === "http/json";
    const type = json ? "application/json" : "application/x-protobuf";
    const encoding = compression === "gzip" ? ["Content-Encoding", "gzip"] : [];
    try {
      const answer = await this.#egress.fetch({
        url: `${endpoint}/v1/${signal}`,
        method: "POST",
        headers: ["Content-Type", type, ...encoding, ...headers.flatMap(({ name, value }) => [name, value])],
        body,
        timeoutMs,
        maxBytes: maxAnswerBytes,
        keepAlive: true,
        declared: true,
        ...(ca === null ? {} : { ca }),
      });
      const { status } = answer;
      const taken = status >= 200 && status < 300;
      const rejected = taken ? Math.min(items, rejectedOf(answer.body, json)) : 0;
      const why = taken ? "the receiver has refused some of it" : `the receiver answered ${status}`;
      return { taken, status, rejected, afterMs: retryAfter(answer), why };
    } catch (error) {
      const why = error instanceof GatewayError ? `${error.code}: ${error.message}` : String(error);
      return { taken: false, status: null, rejected: 0, afterMs: undefined, why };
    }
  }
}

/** Seconds; a date is for those who can wait that long. */
function retryAfter(answer: EgressResponse): number | undefined {
  const text = answer.headers.get("retry-after");
  return text !== undefined && /^\d{1,4}$/.test(text) ? Math.min(Number(text) * 1000, longestPauseMs) : undefined;
}
