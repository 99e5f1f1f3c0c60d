import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { GatewayError } from "#model/errors.ts";
import type { InsightsLogger } from "#model/diagnostics.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { Sent } from "#telemetry/otlp/exporter.ts";
import type { Envelope } from "./envelopes.ts";

const tries = 4;
const timeoutMs = 10_000;
const firstPauseMs = 1000;
const longestPauseMs = 15_000;
const maxAnswerBytes = 1024 * 1024;
/** What may be tried again: of a whole call, and of an item that a call left out. */
const passing: ReadonlySet<number> = new Set([408, 429, 439, 500, 502, 503, 504]);
/** The instance has had all that it takes for a day or a month. */
const spent: ReadonlySet<number> = new Set([402, 439]);
const spentPauseMs = 60_000;
const longestSpentMs = 3_600_000;
const compress = promisify(gzip);

/** What became of one call. */
interface Answered {
  /** Of the items that were sent, those that are worth another try. */
  readonly again: readonly Envelope[];
  readonly refused: number;
  readonly afterMs: number | undefined;
  readonly why: string;
}

export interface IngestionPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly identity: ManagedIdentity;
  /** Nothing is tried again from then on. */
  readonly signal: AbortSignal;
}

const fixedHeaders = ["Content-Type", "application/json", "Content-Encoding", "gzip", "Accept", "application/json"];

/** Sends items to an instance of Application Insights, again those that it asks for again. */
export class Ingestion {
  readonly #logger: InsightsLogger;
  readonly #egress: Egress;
  readonly #clock: Clock;
  readonly #identity: ManagedIdentity;
  readonly #signal: AbortSignal;
  /** Nothing is sent before. Monotonic. */
  #closedUntil = -Infinity;

  constructor(logger: InsightsLogger, { egress, clock, identity, signal }: IngestionPorts) {
    this.#logger = logger;
    this.#egress = egress;
    this.#clock = clock;
    this.#identity = identity;
    this.#signal = signal;
  }

  async send(items: readonly Envelope[]): Promise<Sent> {
    if (this.#clock.mono() < this.#closedUntil) {
      return { lost: items.length, why: `${this.#logger.name} has had all that it takes for now` };
    }
    let left = items;
    let lost = 0;
    let why: string | null = null;
    let pause = firstPauseMs;
    for (let more = tries - 1; ; more -= 1) {
      const answered = await this.#call(left);
      lost += answered.refused;
      if (answered.refused > 0 || answered.again.length > 0) why = answered.why;
      left = answered.again;
      if (left.length === 0) return { lost, why: lost > 0 ? why : null };
      if (more === 0 || this.#signal.aborted || this.#clock.mono() < this.#closedUntil) {
        return { lost: lost + left.length, why };
      }
      await sleep(answered.afterMs ?? pause, undefined, { signal: this.#signal }).catch(() => {});
      pause = Math.min(pause * 2, longestPauseMs);
    }
  }

  async #call(items: readonly Envelope[]): Promise<Answered> {
    try {
      const { status, headers, body } = await this.#egress.fetch({
        url: `${this.#logger.endpoint}/v2.1/track`,
        method: "POST",
        headers: [...fixedHeaders, ...(await this.#authorization())],
        body: await compress(Buffer.from(JSON.stringify(items))),
        timeoutMs,
        maxBytes: maxAnswerBytes,
        keepAlive: true,
        declared: true,
      });
      const afterMs = retryAfter(headers.get("retry-after"));
      if (spent.has(status)) this.#close(afterMs);
      if (status === 200) return { again: [], refused: 0, afterMs, why: "" };
      if (status === 206) return partOf(items, body, afterMs);
      const why = `${this.#logger.name} answered ${status}`;
      return passing.has(status)
        ? { again: items, refused: 0, afterMs: afterMs && Math.min(afterMs, longestPauseMs), why }
        : { again: [], refused: items.length, afterMs, why };
    } catch (error) {
      const why = error instanceof GatewayError ? `${error.code}: ${error.message}` : String(error);
      return { again: items, refused: 0, afterMs: undefined, why };
    }
  }

  /** @throws GatewayError `managed-identity-failed` */
  async #authorization(): Promise<readonly string[]> {
    const { identity } = this.#logger;
    if (identity === null) return [];
    return ["Authorization", `Bearer ${await this.#identity.token(identity.audience, identity.clientId)}`];
  }

  #close(afterMs: number = spentPauseMs): void {
    this.#closedUntil = this.#clock.mono() + Math.min(afterMs, longestSpentMs);
  }
}

/** Some were taken; of each other one it says why not. */
function partOf(items: readonly Envelope[], body: Uint8Array, afterMs: number | undefined): Answered {
  const errors = errorsOf(body);
  const again: Envelope[] = [];
  let refused = 0;
  let why = "some items were refused";
  for (const { index, statusCode, message } of errors) {
    const item = items[index];
    if (item === undefined) continue;
    const said = `${statusCode}: ${String(message).slice(0, 200)}`;
    if (passing.has(statusCode)) again.push(item);
    else refused += 1;
    if (!passing.has(statusCode) || refused === 0) why = said;
  }
  return { again, refused, afterMs: afterMs && Math.min(afterMs, longestPauseMs), why };
}

interface ItemError {
  readonly index: number;
  readonly statusCode: number;
  readonly message: unknown;
}

/** Each item once, however often it is named. */
function errorsOf(body: Uint8Array): readonly ItemError[] {
  try {
    const { errors } = JSON.parse(Buffer.from(body).toString()) as { readonly errors?: unknown };
    const all = Array.isArray(errors) ? (errors as readonly ItemError[]) : [];
    const whole = all.filter((one) => Number.isSafeInteger(one?.index) && Number.isSafeInteger(one.statusCode));
    return [...new Map(whole.map((one) => [one.index, one])).values()];
  } catch {
    return [];
  }
}

/** Seconds; a date is for those who can wait that long. */
function retryAfter(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
