import { createHash } from "node:crypto";
import type { Clock, Random } from "#model/ports.ts";
import type { DebugCredential, RequestTrace } from "#model/tracing.ts";
import { debugTokenStart } from "./request-tracer.ts";

export interface TraceKeeperOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Resolves when every worker goes by them. */
  readonly publish: (credentials: readonly DebugCredential[]) => Promise<void>;
}

export interface IssuedDebugCredential {
  readonly credential: DebugCredential;
  /** Told once; only its digest is kept. */
  readonly token: string;
}

const maxCredentials = 50;
const maxTraces = 200;
/** Of all traces that are kept, as JSON. */
const maxBytes = 32 * 1024 * 1024;
const keptMs = 3_600_000;

interface Kept {
  readonly trace: RequestTrace;
  readonly bytes: number;
  readonly at: number;
}

/** Main's side of tracing: who may, and what was traced. In memory: nothing of it outlives the process. */
export class TraceKeeper {
  readonly #options: TraceKeeperOptions;
  readonly #kept = new Map<string, Kept>();
  #credentials: readonly DebugCredential[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TraceKeeperOptions) {
    this.#options = options;
  }

  /** Those that are good now. */
  get credentials(): readonly DebugCredential[] {
    const now = this.#options.clock.now();
    return this.#credentials.filter(({ until }) => until > now);
  }

  /** Newest first. */
  get traces(): readonly RequestTrace[] {
    this.#forget();
    return [...this.#kept.values()].map(({ trace }) => trace).toReversed();
  }

  find(id: string): RequestTrace | undefined {
    this.#forget();
    return this.#kept.get(id)?.trace;
  }

  /** Good on every worker when it resolves. Null: there are too many. */
  async issue(api: string | null, lifeMs: number): Promise<IssuedDebugCredential | null> {
    const { clock, random } = this.#options;
    const present = this.credentials;
    if (present.length >= maxCredentials) return null;
    const token = `${debugTokenStart}${Buffer.from(random.bytes(32)).toString("base64url")}`;
    const digest = createHash("sha256").update(token).digest("base64url");
    const id = Buffer.from(random.bytes(8)).toString("hex");
    const credential = { id, digest, api, until: clock.now() + lifeMs };
    await this.#publish([...present, credential]);
    return { credential, token };
  }

  /** False: there is none. */
  async end(id: string): Promise<boolean> {
    const present = this.credentials;
    const left = present.filter((one) => one.id !== id);
    if (left.length === present.length) return false;
    await this.#publish(left);
    return true;
  }

  keep(trace: RequestTrace): void {
    const bytes = Buffer.byteLength(JSON.stringify(trace));
    if (bytes > maxBytes / 4) return;
    this.#drop(trace.id);
    this.#kept.set(trace.id, { trace, bytes, at: this.#options.clock.now() });
    this.#bytes += bytes;
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= maxTraces && this.#bytes <= maxBytes) break;
      this.#drop(id);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** When the last one is over, workers let go of what they trace with. */
  async #publish(credentials: readonly DebugCredential[]): Promise<void> {
    this.#credentials = credentials;
    await this.#options.publish(credentials);
    clearTimeout(this.#timer);
    const next = Math.min(...credentials.map(({ until }) => until));
    if (next === Infinity) return;
    const wait = Math.max(0, next - this.#options.clock.now()) + 1;
    this.#timer = setTimeout(() => void this.#publish(this.credentials).catch(() => {}), wait).unref();
  }

  #forget(): void {
    const oldest = this.#options.clock.now() - keptMs;
    for (const [id, { at }] of this.#kept) if (at < oldest) this.#drop(id);
  }

  #drop(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#bytes -= kept.bytes;
  }
}
