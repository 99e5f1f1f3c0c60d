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

/** Sends one request of OTLP over HTTP, again where the receiver says that it may be. */
export class OtlpExporter {
  readonly #settings: OtlpSettings;
  readonly #egress: Egress;
  readonly #signal: AbortSignal;

  /** @param signal nothing is tried again from then on */
  constructor(settings: OtlpSettings, egress: Egress, signal: AbortSignal) {
    this.#settings = settings;
    this.#egress = egress;
    this.#signal = signal;
  }

  /** @param items spans, or points, of the tree */
  async send(signal: Signal, tree: Readonly<Record<string, unknown>>, items: number): Promise<Sent> {
    const json = this.#settings.protocol === "http/json";
    const plain = json ? Buffer.from(JSON.stringify(tree)) : protobufOf(requests[signal], tree);
    const body = this.#settings.compression === "gzip" ? await compress(plain) : plain;
    let pause = firstPauseMs;
    for (let left = tries - 1; ; left -= 1) {
      const { answer, why } = await this.#try(signal, body, json);
      if (answer !== null && answer.status >= 200 && answer.status < 300) {
        const lost = Math.min(items, rejectedOf(answer.body, json));
        return { lost, why: lost > 0 ? "the receiver has refused some of it" : null };
      }
      const isPassing = answer === null || passing.has(answer.status);
      if (!isPassing || left === 0 || this.#signal.aborted) return { lost: items, why };
      await sleep(retryAfter(answer) ?? pause, undefined, { signal: this.#signal }).catch(() => {});
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }

  async #try(
    signal: Signal,
    body: Uint8Array,
    json: boolean,
  ): Promise<{ readonly answer: EgressResponse | null; readonly why: string }> {
    const { endpoint, headers, compression, timeoutMs, ca } = this.#settings;
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
      return { answer, why: `the receiver answered ${answer.status}` };
    } catch (error) {
      return { answer: null, why: error instanceof GatewayError ? `${error.code}: ${error.message}` : String(error) };
    }
  }
}

/** Seconds; a date is for those who can wait that long. */
function retryAfter(answer: EgressResponse | null): number | undefined {
  const text = answer?.headers.get("retry-after");
  return text !== undefined && /^\d{1,4}$/.test(text) ? Math.min(Number(text) * 1000, longestPauseMs) : undefined;
}
