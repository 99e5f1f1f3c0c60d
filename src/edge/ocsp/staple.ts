import type { Buffer } from "node:buffer";
import type { Clock, Egress, Log } from "#model/ports.ts";
import type { Meter } from "#model/metrics.ts";
import { type OcspAnswer, readOcspAnswer } from "./answer.ts";
import { fetchOcspAnswer } from "./fetch.ts";
import type { OcspFacts, OcspTarget } from "./target.ts";

export interface StapleContext {
  /** For one responder: where it may be is checked there. */
  readonly egress: (responder: string) => Egress;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly save: (fingerprint: string, der: Buffer) => Promise<void>;
  /** Clients get another status, or none any more. */
  readonly onChange: (fingerprint: string, der: Buffer | null) => void;
  readonly onRevoked: (staple: Staple) => void;
}

const firstDelayMs = 60_000;
const longestDelayMs = 60 * 60_000;
/** A certificate that is over this soon is as good as a status. */
const shortLived = 10 * 24 * 60 * 60_000;

/** The status of one certificate: asked for, kept, asked for again when half of its validity is over. */
export class Staple {
  readonly names: readonly string[];
  readonly facts: OcspFacts;
  answer: OcspAnswer | null = null;
  /** Why the last try failed; null when it did not. */
  problem: string | null;
  /** Milliseconds since the epoch. */
  dueAt = 0;
  readonly #context: StapleContext;
  readonly #target: OcspTarget | null;
  #failures = 0;

  constructor(names: readonly string[], facts: OcspFacts, context: StapleContext) {
    this.names = names;
    this.facts = facts;
    this.problem = facts.target === null ? facts.why : null;
    this.#target = facts.target;
    this.#context = context;
  }

  /** What clients are sent. Any other status would only make them refuse what they may take without one. */
  get stapled(): Buffer | null {
    return this.answer?.status === "good" ? this.answer.der : null;
  }

  /** When something is to be done; null: never. */
  get nextAt(): number | null {
    if (this.#target === null) return null;
    return Math.min(this.dueAt, this.answer?.nextUpdate ?? Infinity);
  }

  /** Takes what was stored, when it still holds. */
  restore(der: Buffer): void {
    if (this.#target === null) return;
    try {
      this.#take(readOcspAnswer(der, this.#target, this.#context.clock.now()));
    } catch {
      // It is asked for anew.
    }
  }

  /** Never rejects. */
  async check(): Promise<void> {
    const target = this.#target;
    const now = this.#context.clock.now();
    if (target === null) return;
    if (now >= this.dueAt) await this.#ask(target, now);
    if (this.answer !== null && this.answer.nextUpdate <= now) this.#drop();
  }

  async #ask(target: OcspTarget, now: number): Promise<void> {
    try {
      const der = await fetchOcspAnswer(target, this.#context.egress(target.responder));
      const answer = readOcspAnswer(der, target, now);
      if (answer.status === "unknown") throw new Error("the responder does not know the certificate");
      if (answer.thisUpdate < (this.answer?.thisUpdate ?? 0))
        throw new Error("the answer is older than the one before");
      this.#take(answer);
      await this.#context.save(target.fingerprint, der);
    } catch (error) {
      this.#failed((error as Error).message, now);
    }
  }

  #take(answer: OcspAnswer): void {
    const before = this.answer;
    this.answer = answer;
    this.problem = null;
    this.#failures = 0;
    // One that makes its answers late is not asked each minute until it does.
    const now = this.#context.clock.now();
    const half = answer.thisUpdate + (answer.nextUpdate - answer.thisUpdate) / 2;
    this.dueAt = half > now ? half : now + Math.max(firstDelayMs, (answer.nextUpdate - now) / 8);
    if (before === null || !before.der.equals(answer.der)) {
      this.#context.onChange(this.facts.fingerprint, this.stapled);
    }
    if (answer.status === "revoked" && before?.status !== "revoked") this.#revoked(answer);
  }

  #revoked({ revokedAt }: OcspAnswer): void {
    this.#context.log.error("a certificate was revoked by its issuer", {
      names: this.names,
      revokedAt: revokedAt === null ? null : new Date(revokedAt).toISOString(),
    });
    this.#context.onRevoked(this);
  }

  #failed(problem: string, now: number): void {
    const { log, meter } = this.#context;
    this.#failures += 1;
    this.problem = problem;
    this.dueAt = now + Math.min(firstDelayMs * 2 ** Math.min(this.#failures - 1, 10), longestDelayMs);
    const name = this.names[0] ?? "";
    meter.add("sallyport_certificate_ocsp_failures_total", { name });
    const { mustStaple, lifetime } = this.facts;
    const level = lifetime <= shortLived && !mustStaple ? "info" : "warn";
    log[level]("the status of a certificate could not be had", {
      name,
      responder: this.#target?.responder,
      problem,
      nextTry: new Date(this.dueAt).toISOString(),
      stapledUntil: this.answer === null ? null : new Date(this.answer.nextUpdate).toISOString(),
      mustStaple,
    });
  }

  /** A client that is sent an expired status may refuse the whole certificate. */
  #drop(): void {
    this.answer = null;
    this.#context.onChange(this.facts.fingerprint, null);
    if (!this.facts.mustStaple) return;
    this.#context.log.error("a certificate that must have a status has none: clients refuse it", { names: this.names });
  }
}
