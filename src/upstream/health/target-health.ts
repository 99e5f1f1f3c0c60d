import type { HeaderList } from "#model/header-list.ts";
import type { Clock } from "#model/ports.ts";
import type { CircuitBreaker, PassiveHealth, TargetCondition } from "#model/target-health.ts";
import { Breaker } from "./breaker.ts";
import { ConnectRest } from "./connect-rest.ts";
import { FailureWindow } from "./failure-window.ts";
import type { Outlier, Outliers } from "./outliers.ts";
import { ProbeCount } from "./probe-count.ts";

export interface TargetHealthSettings {
  /** Of active checks. */
  readonly probes?: { readonly passes: number; readonly fails: number } | null;
  readonly passive?: PassiveHealth | null;
  readonly breaker?: CircuitBreaker | null;
  /** Of all targets of the backend. */
  readonly outliers?: Outliers | null;
}

/** `heard`: another worker found it out, and has told. */
export type ConditionChanged = (condition: TargetCondition, before: TargetCondition, heard: boolean) => void;

const defaultProbes = { passes: 1, fails: 2 };

/** Whether a target is worth sending to: what its own checks, its failures and its peers say, each for itself. */
export class TargetHealth {
  readonly #clock: Clock;
  readonly #rest: ConnectRest = new ConnectRest();
  readonly #probes: ProbeCount;
  readonly #passive: FailureWindow | null;
  readonly #breaker: Breaker | null;
  readonly #outliers: Outliers | null;
  readonly #outlier: Outlier | null;
  #condition: TargetCondition = "up";
  /** Nothing is wrong, so nothing need be looked at: what most requests meet. */
  #settled = true;
  /** Told once for each change; one that comes with time is noticed when somebody asks. */
  onChange: ConditionChanged | null = null;

  constructor(clock: Clock, { probes, passive, breaker, outliers }: TargetHealthSettings = {}) {
    this.#clock = clock;
    this.#probes = new ProbeCount(probes ?? defaultProbes);
    this.#passive = passive === null || passive === undefined ? null : new FailureWindow(passive);
    this.#breaker = breaker === null || breaker === undefined ? null : new Breaker(breaker, clock);
    this.#outliers = outliers ?? null;
    this.#outlier = this.#outliers?.join() ?? null;
  }

  get isUp(): boolean {
    if (this.#isSettled) return true;
    switch (this.#look()) {
      case "up":
        return true;
      case "half-open":
        return this.#breaker?.lets === true;
      case "unreachable":
        // The rest is over; whether it can be reached is what the next request finds out.
        return this.#clock.mono() >= this.#rest.until;
      default:
        return false;
    }
  }

  get condition(): TargetCondition {
    return this.#isSettled ? "up" : this.#look();
  }

  /** Something wants to know how requests end. */
  get isWatching(): boolean {
    return this.#passive !== null || this.#breaker !== null || this.#outlier !== null;
  }

  /** An attempt begins; `left` follows, however it ends. @returns what its end is told with */
  began(): number {
    return this.#breaker?.began() ?? 0;
  }

  left(era: number): void {
    this.#breaker?.left(era);
  }

  connected(): void {
    const rested = this.#rest.until > 0;
    this.#rest.connected();
    if (rested) this.#unsettle();
  }

  connectFailed(era: number): void {
    this.#rest.failed(this.#clock.mono());
    this.broke(era);
  }

  /** The head of a response came. */
  answered(status: number, latencyMs: number, headers: HeaderList, era: number): void {
    if (!this.isWatching) return;
    if (this.#passive?.isFailure(status, latencyMs) === true) this.#passive.failed(this.#clock.mono());
    this.#breaker?.answered(status, headers, era);
    this.#compare(status < 500);
    this.#unsettle();
  }

  /** No response, or not the whole of it, and that was not the client's doing. */
  broke(era: number): void {
    this.#passive?.failed(this.#clock.mono());
    this.#breaker?.broke(era);
    this.#compare(false);
    this.#unsettle();
  }

  /** @returns whether this took the target out, or back in */
  probed(passed: boolean): boolean {
    const turned = this.#probes.probed(passed);
    if (passed) this.#rest.connected();
    this.#unsettle();
    return turned;
  }

  /** What another worker's probes say. */
  setProbed(up: boolean): void {
    this.#probes.isDown = !up;
    this.#settled = false;
    this.#look(true);
  }

  get isProbedDown(): boolean {
    return this.#probes.isDown;
  }

  /** The target is no more. */
  retire(): void {
    if (this.#outlier !== null) this.#outliers?.leave(this.#outlier);
    this.onChange = null;
  }

  /** Peers may have taken it out meanwhile. */
  get #isSettled(): boolean {
    return this.#settled && (this.#outlier === null || this.#outlier.until === 0);
  }

  #compare(good: boolean): void {
    if (this.#outlier !== null) this.#outliers?.ended(this.#outlier, good);
  }

  #unsettle(): void {
    this.#settled = false;
    this.#look();
  }

  #look(heard: boolean = false): TargetCondition {
    const condition = this.#now();
    this.#settled = condition === "up";
    if (condition === this.#condition) return condition;
    const before = this.#condition;
    this.#condition = condition;
    this.onChange?.(condition, before, heard);
    return condition;
  }

  #now(): TargetCondition {
    const now = this.#clock.mono();
    if (this.#probes.isDown) return "unhealthy";
    if (this.#passive !== null && now < this.#passive.until) return "failing";
    if (this.#outlier !== null && this.#outlier.until > 0) {
      if (now < this.#outlier.until) return "ejected";
      this.#outlier.until = 0;
    }
    const breaker = this.#breaker?.state ?? "closed";
    if (breaker !== "closed") return breaker;
    return this.#rest.until > 0 ? "unreachable" : "up";
  }
}
