import { existsSync, readFileSync } from "node:fs";

const procfs = existsSync("/proc/stat");
const ticksPerSecond = 100;

/** What the machine's processors did since it was made; zeros where the platform does not tell. */
export class ProcessorUse {
  readonly #measured: number;
  readonly #own: number;
  readonly #startedAt = performance.now();
  readonly #others: number;
  readonly #work: number;

  /** @param measured process @param own process of the test, which is no other's */
  constructor(measured: number, own: number = process.pid) {
    this.#measured = measured;
    this.#own = own;
    this.#others = this.#othersTicks();
    this.#work = ticksOf(measured);
  }

  /** How many cores others kept busy: what is measured beside them says little about the gateway. */
  get othersCores(): number {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return Math.max(0, (this.#othersTicks() - this.#others) / ticksPerSecond / seconds);
  }

  /** Processor time of all threads of the process that is measured. */
  get workMs(): number {
    return ((ticksOf(this.#measured) - this.#work) * 1000) / ticksPerSecond;
  }

  #othersTicks(): number {
    if (!procfs) return 0;
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = numbersOf("/proc/stat", "cpu ");
    return user + nice + system + irq + softirq - ticksOf(this.#measured) - ticksOf(this.#own);
  }
}

/** What the fixed work takes on the machine that bounds in milliseconds were written for. */
const referenceMs = 400;

/**
 * How many times longer than there a fixed piece of work takes here and now, at least 1: the median of five. A shared
 * machine whose cores are somebody else's for half of the time shows no other use of them than this.
 */
export function slowness(): number {
  fixedWork();
  const times = Array.from({ length: 5 }, fixedWork).toSorted((left, right) => left - right);
  return Math.max(1, (times[2] ?? 0) / referenceMs);
}

/** Texts, lists, maps and their garbage, as reading and compiling a definition. @returns milliseconds */
function fixedWork(): number {
  const started = performance.now();
  const known = new Map<string, readonly string[]>();
  for (let at = 0; at < 400_000; at += 1) {
    const path = `/api${at % 100}/group${at % 10}/item${at % 20_000}/{id}`;
    known.set(path, path.split("/"));
  }
  return performance.now() - started;
}

/** utime and stime, counted from what follows the name. */
function ticksOf(pid: number): number {
  const fields = procfs ? numbersOf(`/proc/${pid}/stat`, ") ") : [];
  return (fields[11] ?? 0) + (fields[12] ?? 0);
}

function numbersOf(file: string, after: string): readonly number[] {
  const [line = ""] = readFileSync(file, "utf8").split("\n");
  return line
    .slice(line.lastIndexOf(after) + after.length)
    .trim()
    .split(/\s+/)
    .map(Number);
}
