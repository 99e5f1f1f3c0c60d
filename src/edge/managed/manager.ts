import type { RevocationReason } from "#model/revocation.ts";
import { ManagedName, type NameContext } from "./managed-name.ts";

/** Renewal is looked at this often, and whenever something is due before. */
const checkEveryMs = 10 * 60_000;
const leastDelayMs = 1000;
/** Orders under way at the same time. */
const atOnce = 8;

/** Calls once after so many milliseconds. @returns what calls it off */
export type Alarm = (run: () => void, ms: number) => () => void;

const usualAlarm: Alarm = (run, ms) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};

/** Keeps a certificate for each name: gets it, renews it, and goes on serving what there is when that fails. */
export class CertificateManager {
  readonly #context: NameContext;
  readonly #alarm: Alarm;
  #names = new Map<string, ManagedName>();
  /** Names that the definition does not have: kept when it changes. */
  readonly #extra = new Set<string>();
  #callOff: (() => void) | null = null;
  #running = false;

  constructor(context: NameContext, alarm: Alarm = usualAlarm) {
    this.#context = context;
    this.#alarm = alarm;
  }

  get names(): readonly ManagedName[] {
    return [...this.#names.values()];
  }

  find(name: string): ManagedName | undefined {
    return this.#names.get(name);
  }

  /**
   * The names from now on; what is stored of new ones is read, nothing is ordered yet.
   *
   * @param anew failed ones are tried at once: what made them fail may be repaired
   */
  async setNames(names: readonly string[], anew: boolean = false): Promise<void> {
    const next = new Map([...this.#names].filter(([name]) => this.#extra.has(name)));
    for (const name of names) {
      const known = this.#names.get(name);
      const managed = known ?? new ManagedName(name, this.#context);
      if (known === undefined || (anew && !known.busy)) await managed.load(anew);
      next.set(name, managed);
    }
    this.#names = next;
    if (this.#running) this.#schedule(0);
  }

  /** Another process, or this one before, has got a certificate for it. */
  async isStored(name: string): Promise<boolean> {
    return (await this.#context.tree.certificate(name)) !== null;
  }

  /** One more name, besides those of the definition. @param permit asked before each order */
  async add(name: string, permit: () => Promise<boolean>): Promise<ManagedName> {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const managed = new ManagedName(name, this.#context, permit);
    await managed.load(false);
    const other = this.#names.get(name);
    if (other !== undefined) return other;
    this.#extra.add(name);
    this.#names.set(name, managed);
    this.#context.onChange();
    return managed;
  }

  /** From now on by itself. */
  start(): void {
    this.#running = true;
    this.#schedule(0);
  }

  /** Everything that is due, to its end. */
  async check(): Promise<void> {
    const waiting = this.names.toReversed();
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next.check();
    };
    await Promise.all(Array.from({ length: atOnce }, () => work()));
  }

  /** @returns false when there is no such name here */
  async replace(name: string, revoke: RevocationReason | null): Promise<boolean> {
    const managed = this.#names.get(name);
    if (managed === undefined) return false;
    await managed.replace(revoke);
    if (this.#running) this.#schedule(0);
    return true;
  }

  stop(): void {
    this.#running = false;
    this.#callOff?.();
    this.#callOff = null;
  }

  #schedule(delayMs: number): void {
    this.#callOff?.();
    this.#callOff = this.#alarm(() => void this.#tick(), delayMs);
  }

  async #tick(): Promise<void> {
    const names = this.names;
    void this.check().finally(() => {
      if (this.#running) this.#schedule(this.#delay(names));
    });
  }

  #delay(names: readonly ManagedName[]): number {
    const now = this.#context.clock.now();
    const due = names.map((name) => name.dueAt()).filter((at) => at !== null);
    return Math.min(checkEveryMs, Math.max(leastDelayMs, Math.min(...due) - now));
  }
}
