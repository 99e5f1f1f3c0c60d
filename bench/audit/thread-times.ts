import { readdirSync, readFileSync } from "node:fs";

/** CPU microseconds of a process, exact to the scheduler's clock, by the name of the thread. Linux only. */
export type ThreadTimes = ReadonlyMap<string, number>;

export function threadTimes(pid: number): ThreadTimes {
  const times = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const at = `/proc/${pid}/task/${thread}`;
    try {
      const name = readFileSync(`${at}/comm`, "utf8").trim();
      const nanoseconds = Number(readFileSync(`${at}/schedstat`, "utf8").split(" ", 1)[0]);
      times.set(name, (times.get(name) ?? 0) + nanoseconds / 1000);
    } catch {
      // It has ended meanwhile.
    }
  }
  return times;
}

export function since(before: ThreadTimes, after: ThreadTimes): ThreadTimes {
  return new Map([...after].map(([name, time]) => [name, time - (before.get(name) ?? 0)]));
}

export function sumOf(times: ThreadTimes): number {
  return [...times.values()].reduce((sum, time) => sum + time, 0);
}
