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
