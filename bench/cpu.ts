import { readdirSync, readFileSync } from "node:fs";

/**
 * CPU seconds (user and system) that all threads of processes and of their descendants have used, exact to the
 * scheduler's clock. What a thread has used that has ended meanwhile is gone. Linux only.
 */
export function cpuSeconds(pids: readonly number[]): number {
  return familyOf(pids).reduce((sum, member) => sum + nanoseconds(member), 0) / 1e9;
}

/** Resident memory of the family in KiB. */
export function residentKib(pids: readonly number[]): number {
  return familyOf(pids).reduce(
    (sum, member) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFile(`/proc/${member}/status`))?.[1] ?? 0),
    0,
  );
}

function familyOf(pids: readonly number[]): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), parentOf(Number(name)));
  }
  const members = new Set(pids);
  for (const member of members) {
    for (const [child, parent] of parents) if (parent === member) members.add(child);
  }
  return [...members];
}

function nanoseconds(pid: number): number {
  return threadsOf(pid).reduce(
    (sum, thread) => sum + Number(readFile(`/proc/${pid}/task/${thread}/schedstat`).split(" ", 1)[0]),
    0,
  );
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The command before it may itself hold blanks and brackets. */
function parentOf(pid: number): number {
  const stat = readFile(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? 0);
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
