import { threadCpuUsage } from "node:process";
import { getHeapStatistics } from "node:v8";
import { median } from "../statistics.ts";
import type { Subject } from "./subject.ts";

export interface Figures {
  readonly group: string;
  readonly name: string;
  /** Of this thread's CPU, each time: the median and the least of several stretches. */
  readonly nanoseconds: number;
  readonly least: number;
  /** Allocated by V8 each time, collected or not; what lies outside its heap, such as the bytes of buffers, is not in it. */
  readonly bytes: number;
  readonly note: string;
}

/** Milliseconds of one stretch. */
export interface Stretches {
  readonly milliseconds: number;
  readonly count: number;
}

/** Before anything counts: the compiler has then had what it wants to see. */
const warmUpStretches = 5;
/** Times in one go, between two looks at the clock. */
const batch = 500;

export function measure({ group, name, prepare }: Subject, { milliseconds, count }: Stretches): Figures {
  const { run, note = "" } = prepare();
  let at = 0;
  /** @returns how many times it was done */
  const stretch = (): number => {
    const until = performance.now() + milliseconds;
    const from = at;
    while (performance.now() < until) {
      const end = at + batch;
      for (; at < end; at += 1) run(at);
    }
    return at - from;
  };
  for (let turn = 0; turn < warmUpStretches; turn += 1) stretch();
  const [times, bytes]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < count; turn += 1) {
    const [before, allocated] = [threadCpuUsage(), allocatedBytes()];
    const done = stretch();
    const { user, system } = threadCpuUsage(before);
    times.push(((user + system) * 1000) / done);
    bytes.push((allocatedBytes() - allocated) / done);
  }
  return { group, name, nanoseconds: median(times), least: Math.min(...times), bytes: median(bytes), note };
}

function allocatedBytes(): number {
  return getHeapStatistics().total_allocated_bytes;
}
