import { DenseSet } from "#lib/dense-set.ts";
import type { GatewayHandles } from "./handles.ts";
import type { Lasting } from "./lasting.ts";
import type { LinkedSnapshot } from "./linked.ts";
import { refusalOf } from "./refusal-of.ts";
import { standsUnder, type Withdrawal } from "./stands.ts";
import { type Row, standingRows } from "./table.ts";

/** Longest stretch of decisions before requests have their turn. */
const sliceMs = 4;
const tickMs = 500;

export interface ReviewPorts {
  readonly handles: GatewayHandles;
  /** The definition in force on this worker. */
  readonly current: () => LinkedSnapshot;
}

/**
 * The exchanges of this worker that last. Each is decided again when a definition is replaced or a certificate
 * revoked, and from the moment on that its token expires: one that would not be let in any more ends; the others notice nothing.
 */
export class LastingExchanges {
  readonly #members: DenseSet<Lasting> = new DenseSet();
  #ports: ReviewPorts | null = null;
  #queue: Lasting[] = [];
  #next = 0;
  #underway = false;
  /** Monotonic. */
  #reviewedAt = -1;

  start(ports: ReviewPorts): void {
    this.#ports = ports;
    setInterval(() => this.#reviewDue(ports.handles.clock.now()), tickMs).unref();
  }

  add(member: Lasting): void {
    this.#members.add(member);
    // The definition was replaced, or a certificate revoked, while the upstream thought about it.
    const isOld = member.facts.startedMono <= this.#reviewedAt;
    if (!isOld && this.#ports?.current() === member.flow.linked) return;
    this.#queue.push(member);
    this.#begin();
  }

  delete(member: Lasting): void {
    this.#members.delete(member);
  }

  /** All of them. Soon, and not within this call: whoever replaces a definition has other parts to replace as well. */
  review(): void {
    this.#reviewedAt = this.#ports?.handles.clock.mono() ?? -1;
    this.#queue = [];
    this.#next = 0;
    this.#members.visit((member) => this.#queue.push(member));
    this.#begin();
  }

  #reviewDue(now: number): void {
    if (this.#members.size === 0) return;
    this.#members.visit((member) => {
      if (member.dueAt <= now) this.#queue.push(member);
    });
    this.#begin();
  }

  #begin(): void {
    if (this.#underway || this.#queue.length === 0) return;
    this.#underway = true;
    setImmediate(() => this.#slice());
  }

  #slice(): void {
    const { handles, current } = this.#ports as ReviewPorts;
    const linked = current();
    const end = handles.clock.mono() + sliceMs;
    while (this.#next < this.#queue.length && handles.clock.mono() < end) {
      const member = this.#queue[this.#next] as Lasting;
      this.#next += 1;
      if (member.place >= 0) this.#decide(member, linked, handles);
    }
    this.#underway = false;
    if (this.#next < this.#queue.length) return this.#begin();
    this.#queue = [];
    this.#next = 0;
  }

  /** A row that throws refuses: errors are denials. */
  #decide(member: Lasting, linked: LinkedSnapshot, handles: GatewayHandles): void {
    try {
      const finding = standsUnder(member, linked, handles);
      if (finding instanceof Promise) void this.#decideLate(member, linked, finding);
      else if (finding !== undefined) withdraw(member, finding);
    } catch (error) {
      withdraw(member, failureOf(error));
    }
  }

  /** What another definition has found meanwhile is decided by that one. */
  async #decideLate(member: Lasting, linked: LinkedSnapshot, pending: Promise<Withdrawal | undefined>): Promise<void> {
    const finding = await pending.catch(failureOf);
    if (finding !== undefined && this.#ports?.current() === linked) withdraw(member, finding);
  }
}

function failureOf(error: unknown): Withdrawal {
  return { row: standingRows[0] as Row, refusal: refusalOf(error) };
}

function withdraw({ flow }: Lasting, { row: { door, step }, refusal }: Withdrawal): void {
  flow.withdraw(door, step, refusal);
}
