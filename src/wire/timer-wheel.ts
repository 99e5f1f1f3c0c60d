import type { Clock } from "#model/ports.ts";

/** Something that may expire. Its owner keeps it, so that arming and disarming allocate nothing. */
export class Timeout {
  readonly #expired: () => void;
  /** Monotonic milliseconds; 0 while not armed. Only the wheel writes these. */
  dueAt = 0;
  slot = -1;
  position = 0;

  constructor(expired: () => void) {
    this.#expired = expired;
  }

  expire(): void {
    this.#expired();
  }
}

export interface TimerWheelOptions {
  /** Resolution; a timeout is up to one tick late and never early. Default 50. */
  readonly tickMs?: number;
}

const slotCount = 512;

/**
 * Timeouts of all connections of a worker on one coarse system timer: Node's own timers would cost more than the
 * rest of a short request's bookkeeping. Moving a timeout further away costs one assignment: it is put into its new
 * slot when the old one comes up.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #tickMs: number;
  readonly #slots: Timeout[][] = Array.from({ length: slotCount }, () => []);
  #timer: NodeJS.Timeout | null = null;
  #reached: number;
  #count = 0;

  constructor(clock: Clock, options: TimerWheelOptions = {}) {
    this.#clock = clock;
    this.#tickMs = options.tickMs ?? 50;
    this.#reached = this.#tickOf(clock.mono());
  }

  /** Expires `timeout` after `delayMs`; replaces an earlier arming. */
  arm(timeout: Timeout, delayMs: number): void {
    const dueAt = this.#clock.mono() + Math.max(0, delayMs);
    const later = timeout.slot >= 0 && dueAt >= timeout.dueAt;
    timeout.dueAt = dueAt;
    if (later) return;
    this.disarm(timeout);
    timeout.dueAt = dueAt;
    this.#insert(timeout);
    if (this.#timer === null) this.#start();
  }

  disarm(timeout: Timeout): void {
    if (timeout.slot < 0) return;
    const slot = this.#slots[timeout.slot] as Timeout[];
    const last = slot.pop() as Timeout;
    if (last !== timeout) {
      slot[timeout.position] = last;
      last.position = timeout.position;
    }
    timeout.slot = -1;
    timeout.dueAt = 0;
    this.#count -= 1;
  }

  /** Expires what is due now. The system timer calls it; with an injected clock a test does. */
  tick(): void {
    const now = this.#clock.mono();
    const upTo = this.#tickOf(now);
    const from = Math.max(this.#reached + 1, upTo - slotCount + 1);
    this.#reached = upTo;
    for (let tick = from; tick <= upTo; tick += 1) this.#visit(tick % slotCount, now);
    if (this.#count === 0) this.close();
  }

  /** Stops the system timer; arming starts it again. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #start(): void {
    // Behind what has come meanwhile: a thread that was held up would take its own delay for that of others, and an
    // upstream whose connections were made long ago for one that cannot be reached.
    const tick = (): void => this.tick();
    this.#timer = setInterval(() => setImmediate(tick), this.#tickMs);
    this.#timer.unref();
  }

  #insert(timeout: Timeout): void {
    const tick = Math.max(Math.ceil(timeout.dueAt / this.#tickMs), this.#reached + 1);
    timeout.slot = tick % slotCount;
    const slot = this.#slots[timeout.slot] as Timeout[];
    timeout.position = slot.length;
    slot.push(timeout);
    this.#count += 1;
  }

  #visit(index: number, now: number): void {
    const slot = this.#slots[index] as Timeout[];
    if (slot.length === 0) return;
    for (const timeout of slot.slice()) {
      if (timeout.slot !== index) continue;
      const { dueAt } = timeout;
      if (dueAt > now) this.#again(timeout, dueAt);
      else {
        this.disarm(timeout);
        timeout.expire();
      }
    }
  }

  /** Moved further away since it was put here, or a whole turn ahead. */
  #again(timeout: Timeout, dueAt: number): void {
    this.disarm(timeout);
    timeout.dueAt = dueAt;
    this.#insert(timeout);
  }

  #tickOf(mono: number): number {
    return Math.floor(mono / this.#tickMs);
  }
}
