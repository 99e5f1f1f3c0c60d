import { setImmediate as turn } from "node:timers/promises";
import type { EdgeCertificate, StapleNews } from "#edge/edge-types.ts";
import { Staple, type StapleContext } from "./staple.ts";
import type { StapleFiles } from "./staple-files.ts";
import { ocspFactsOf } from "./target.ts";

export interface StapleBookOptions extends Omit<StapleContext, "save"> {
  readonly files: StapleFiles;
  /** How one of them is has changed. */
  readonly onState: () => void;
}

type Served = Pick<EdgeCertificate, "hosts" | "certPem">;

const leastDelayMs = 1000;
const longestDelayMs = 60 * 60_000;
const atOnce = 8;

/** The status of every certificate that names a responder. On main. */
export class StapleBook {
  readonly #options: StapleBookOptions;
  readonly #context: StapleContext;
  /** Null: nothing to staple. Certificates come again and again; each is read once. */
  #byChain = new Map<string, Staple | null>();
  #last: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #checking: Promise<void> | null = null;
  #running = false;

  constructor(options: StapleBookOptions) {
    this.#options = options;
    this.#context = { ...options, save: (fingerprint, der) => options.files.save(fingerprint, der) };
  }

  /** The certificates in use from now on. What is stored of new ones is read; nothing is asked yet. Never rejects. */
  use(certificates: readonly Served[]): Promise<void> {
    this.#last = this.#last.then(() => this.#use(certificates));
    return this.#last;
  }

  /** Null: it names no responder and needs no status, or is not in use. */
  of(chainPem: string): Staple | null {
    return this.#byChain.get(chainPem) ?? null;
  }

  /** All that clients are sent. */
  get current(): readonly StapleNews[] {
    return this.#staples.flatMap(({ facts: { fingerprint }, stapled }) =>
      stapled === null ? [] : [{ fingerprint, der: stapled }],
    );
  }

  get #staples(): readonly Staple[] {
    return [...this.#byChain.values()].filter((staple) => staple !== null);
  }

  /** A certificate that clients refuse without a status is not served before there is one, or a try to have it. */
  async prepare(): Promise<void> {
    const needed = this.#staples.some(
      ({ facts, stapled, dueAt }) => facts.mustStaple && stapled === null && dueAt === 0,
    );
    if (needed && this.#running) await this.check();
  }

  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  /** Everything that is due, to its end. */
  check(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async stop(): Promise<void> {
    this.#running = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#checking;
  }

  async #use(certificates: readonly Served[]): Promise<void> {
    const next = new Map<string, Staple | null>();
    const fresh: Staple[] = [];
    for (const { hosts, certPem } of certificates) {
      let staple = this.#byChain.get(certPem) ?? next.get(certPem);
      if (staple === undefined) {
        staple = this.#made(hosts, certPem);
        if (staple !== null) fresh.push(staple);
        // Thousands are read one by one.
        await turn();
      }
      next.set(certPem, staple);
    }
    for (const staple of fresh) {
      const der = await this.#options.files.read(staple.facts.fingerprint);
      if (der !== null) staple.restore(der);
    }
    const changed = next.size !== this.#byChain.size || [...next.keys()].some((chain) => !this.#byChain.has(chain));
    const before = this.#staples;
    this.#byChain = next;
    if (!changed) return;
    const kept = new Set(this.#staples);
    for (const staple of before) if (!kept.has(staple)) this.#options.onChange(staple.facts.fingerprint, null);
    await this.#options.files.keepOnly(new Set(this.#staples.map(({ facts }) => facts.fingerprint)));
    if (fresh.length > 0) this.#options.onState();
    if (this.#running) this.#schedule(0);
  }

  #made(hosts: readonly string[], certPem: string): Staple | null {
    try {
      const facts = ocspFactsOf(certPem);
      return facts === null ? null : new Staple(hosts, facts, this.#context);
    } catch (error) {
      this.#options.log.warn("a certificate's responder cannot be read", { names: hosts, error: String(error) });
      return null;
    }
  }

  async #checkAll(): Promise<void> {
    const now = this.#options.clock.now();
    const due = this.#staples.filter(({ nextAt }) => nextAt !== null && nextAt <= now);
    const work = async (): Promise<void> => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) await next.check();
    };
    const any = due.length > 0;
    await Promise.all(Array.from({ length: atOnce }, () => work()));
    if (any) this.#options.onState();
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.check().finally(() => {
        if (this.#running) this.#schedule(this.#delay());
      });
    }, delayMs).unref();
  }

  #delay(): number {
    const due = this.#staples.flatMap(({ nextAt }) => nextAt ?? []);
    return Math.min(longestDelayMs, Math.max(leastDelayMs, Math.min(...due) - this.#options.clock.now()));
  }
}
