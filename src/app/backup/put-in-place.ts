import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createFile, syncFolder } from "#lib/durable-file.ts";

/**
 * A restore that puts its files in place: `.restore/plan.json` in the data folder, beside `.restore/new` with what was
 * unpacked and verified. From the moment that the plan is there, the restore is carried to its end, by whoever opens the
 * folder next: a crash leaves nothing half old and half new that a gateway would serve with.
 */
interface Plan {
  /** Folder that what was there is kept in; null: there was nothing. */
  readonly aside: string | null;
  readonly old: readonly string[];
  readonly fresh: readonly string[];
}

type Move = (from: string, to: string) => void;

const staging = ".restore";
/** Held by whoever works here; it stays where it is. */
const stays: ReadonlySet<string> = new Set(["lock", "lock-journal"]);

export function stagedFolder(dataPath: string): string {
  return join(dataPath, staging, "new");
}

/** Beside what goes into the data folder: it goes elsewhere, or nowhere. */
export function stagedDefinition(dataPath: string): string {
  return join(dataPath, staging, "definition");
}

/** What a data folder holds, but what does not count as its content. */
export async function contentOf(dataPath: string): Promise<readonly string[]> {
  return (await readdir(dataPath)).filter((name) => !name.startsWith(".") && !stays.has(name));
}

/** Begins anew, after a restore that came to nothing. */
export async function clearStaging(dataPath: string): Promise<void> {
  rmSync(join(dataPath, staging), { recursive: true, force: true });
  for (const folder of [stagedFolder(dataPath), stagedDefinition(dataPath)]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
}

export function dropStaging(dataPath: string): void {
  rmSync(join(dataPath, staging), { recursive: true, force: true });
}

/**
 * The point of no return, then all the rest.
 *
 * @param aside name of the folder that the old content is kept in, in the data folder
 * @returns that folder; null: there was nothing
 */
export async function putInPlace(dataPath: string, aside: string): Promise<string | null> {
  const old = await contentOf(dataPath);
  const plan: Plan = {
    aside: old.length === 0 ? null : aside,
    old,
    fresh: await readdir(stagedFolder(dataPath)),
  };
  await syncFolder(stagedFolder(dataPath));
  await createFile(join(dataPath, staging, "plan.json"), JSON.stringify(plan), 0o600, "plan");
  finishRestore(dataPath);
  await syncFolder(dataPath);
  return plan.aside === null ? null : join(dataPath, plan.aside);
}

/**
 * Carries a restore to its end that a crash has cut off. Each step may be done twice. To be called under the folder's
 * lock.
 */
export function finishRestore(dataPath: string, move: Move = renameSync): void {
  const file = join(dataPath, staging, "plan.json");
  if (!existsSync(file)) return;
  const { aside, old, fresh } = JSON.parse(readFileSync(file, "utf8")) as Plan;
  const isOld = (name: string): boolean => !fresh.includes(name) || existsSync(join(stagedFolder(dataPath), name));
  if (aside !== null) mkdirSync(join(dataPath, aside), { recursive: true, mode: 0o700 });
  for (const name of old) {
    if (isOld(name)) moveIfThere(join(dataPath, name), join(dataPath, aside ?? "", name), move);
  }
  for (const name of fresh) moveIfThere(join(stagedFolder(dataPath), name), join(dataPath, name), move);
  rmSync(join(dataPath, staging), { recursive: true, force: true });
}

function moveIfThere(from: string, to: string, move: Move): void {
  if (existsSync(from)) move(from, to);
}
