import { isIPv6 } from "node:net";
import type { RateLimiter } from "#model/ports.ts";

interface Limit {
  readonly kind: string;
  readonly failures: number;
  readonly periodMs: number;
}

/** Of one address, whomever it tries; of one user, from wherever. Exact over all workers. */
const perAddress: Limit = { kind: "basic-address", failures: 10, periodMs: 60_000 };
const perUser: Limit = { kind: "basic-user", failures: 100, periodMs: 600_000 };

export interface BrakePorts {
  readonly limiter: RateLimiter;
  readonly limiterId: (kind: string, calls: number, periodMs: number) => number;
}

/** Slows down whoever guesses: after so many failures nothing is tried any more, right or wrong. */
export class GuessingBrake {
  readonly #ports: BrakePorts;

  constructor(ports: BrakePorts) {
    this.#ports = ports;
  }

  /** @returns milliseconds until something may be tried again; 0: now */
  wait(address: string, user: string): number {
    return Math.max(this.#wait(perAddress, networkOf(address)), this.#wait(perUser, user));
  }

  failed(address: string, user: string): void {
    this.#count(perAddress, networkOf(address));
    this.#count(perUser, user);
  }

  #wait(limit: Limit, key: string): number {
    const { kind, failures, periodMs } = limit;
    const { limiter, limiterId } = this.#ports;
    return Math.max(0, -limiter.take(limiterId(kind, failures, periodMs), key, failures, periodMs, 0));
  }

  #count({ kind, failures, periodMs }: Limit, key: string): void {
    const { limiter, limiterId } = this.#ports;
    limiter.add(limiterId(kind, failures, periodMs), key, failures, periodMs, 1);
  }
}

/** Whoever has one address of IPv6 has the 2^64 beside it. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address === "" ? "unknown" : address;
  const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const middle = Array.from({ length: Math.max(0, 8 - groups.length - last.length) }, () => "0");
  return [...groups, ...middle, ...last].slice(0, 4).join(":");
}
