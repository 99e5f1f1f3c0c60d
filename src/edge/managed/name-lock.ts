import { open, readdir, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Pause } from "#edge/acme/poll.ts";

const prefix = "lock.";

export interface LockTimes {
  /** The holder says this often that it is alive. */
  readonly refreshMs: number;
  /** A lock that did not move for this long belongs to nobody. */
  readonly staleMs: number;
  /** How often one that waits looks. */
  readonly lookMs: number;
}

export const usualLockTimes: LockTimes = { refreshMs: 5000, staleMs: 10_000, lookMs: 500 };

/** A held lock. */
export interface NameLock {
  /** False when others took it for abandoned: this process was stopped for too long. */
  held(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Takes the lock of a folder, between processes and machines that share it. Locks are numbered files; the highest
 * number holds. Taking over means making the next number, which only one can, so there is no moment in which a lock
 * is removed that somebody else has just taken. Whether a lock is alive is seen from its time changing, so the
 * machines' clocks need not agree.
 *
 * @returns null when another held it for all of `patienceMs`
 */
export async function lockFolder(
  folder: string,
  pause: Pause,
  patienceMs: number,
  times: LockTimes = usualLockTimes,
): Promise<NameLock | null> {
  const start = performance.now();
  let seen = { number: -1, time: -1, since: start };
  for (;;) {
    const number = await highest(folder);
    const time = number === 0 ? 0 : await timeOf(folder, number);
    const now = performance.now();
    if (number !== seen.number || time !== seen.time) seen = { number, time, since: now };
    // A time of 0 is how a lock is given back.
    if (time === 0 || now - seen.since >= times.staleMs) {
      const lock = await take(folder, number + 1, times);
      if (lock !== null) return lock;
    }
    if (now - start >= patienceMs) return null;
    await pause(times.lookMs);
  }
}

async function take(folder: string, number: number, { refreshMs }: LockTimes): Promise<NameLock | null> {
  const file = join(folder, `${prefix}${number}`);
  try {
    await (await open(file, "wx", 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return null;
    throw error;
  }
  const held = async (): Promise<boolean> => (await highest(folder)) === number;
  if (!(await held())) {
    await rm(file, { force: true });
    return null;
  }
  await removeBelow(folder, number);
  const timer = setInterval(() => void touch(file).catch(() => {}), refreshMs).unref();
  return {
    held,
    release: async () => {
      clearInterval(timer);
      await utimes(file, 0, 0).catch(() => {});
    },
  };
}

async function touch(file: string): Promise<void> {
  const now = Date.now() / 1000;
  await utimes(file, now, now);
}

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)));
}

async function numbers(folder: string): Promise<readonly number[]> {
  const names = (await readdir(folder)).filter((name) => /^lock\.\d{1,15}$/.test(name));
  return names.map((name) => Number(name.slice(prefix.length)));
}

/** 0 when it is given back, or gone. */
async function timeOf(folder: string, number: number): Promise<number> {
  const found = await stat(join(folder, `${prefix}${number}`)).catch(() => null);
  return found === null ? 0 : found.mtimeMs;
}

async function removeBelow(folder: string, number: number): Promise<void> {
  for (const other of await numbers(folder)) {
    if (other < number) await rm(join(folder, `${prefix}${other}`), { force: true });
  }
}
