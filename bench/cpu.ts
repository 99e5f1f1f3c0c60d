import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** CPU seconds (user and system, all threads) that a process and its descendants have used. Linux only. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => sum + ticks(member), 0) / ticksPerSecond;
}

/** Resident memory of the family in MiB. */
export function residentMiB(pid: number): number {
  const kib = family(pid).map((member) => Number(/VmRSS:\s+(\d+)/.exec(readFile(`/proc/${member}/status`))?.[1] ?? 0));
  return Math.round(kib.reduce((sum, value) => sum + value, 0) / 1024);
}

function family(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) parents.set(Number(name), Number(fields(Number(name))[1] ?? 0));
  }
  const members = [pid];
  for (const member of members) {
    for (const [child, parent] of parents) if (parent === member) members.push(child);
  }
  return members;
}

function ticks(pid: number): number {
  const values = fields(pid);
  return Number(values[11] ?? 0) + Number(values[12] ?? 0);
}

/** Fields of /proc/PID/stat after the command, which may itself hold blanks and brackets. */
function fields(pid: number): string[] {
  const stat = readFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
