import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { problem } from "#cli/failure.ts";
import { replaceFile } from "#lib/durable-file.ts";
import { LoginFailure } from "./login-failure.ts";
import type { LoginTarget } from "./login-target.ts";

export interface Login extends LoginTarget {
  readonly accessToken: string;
  /** Milliseconds since the epoch; null: nobody has said. */
  readonly expiresAt: number | null;
  readonly refreshToken: string | null;
  /** Who it is, to show. */
  readonly who: string | null;
}

export interface Logins {
  /** Name of the one that was made last; null: none. */
  readonly current: string | null;
  readonly logins: readonly Login[];
}

const nothing: Logins = { current: null, logins: [] };
const lockMs = 60_000;

/** Below the XDG state folder: what a program knows and a person does not configure. */
export function loginsPath(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const { XDG_STATE_HOME: state, LOCALAPPDATA: local } = env;
  if (state !== undefined && state.startsWith("/")) return join(state, "sallyport", "logins.json");
  if (process.platform === "win32" && local !== undefined) return join(local, "sallyport", "logins.json");
  return join(homedir(), ".local", "state", "sallyport", "logins.json");
}

/** @throws LoginFailure when others could read it: whoever has a token of it is who logged in */
export async function readLogins(file: string): Promise<Logins> {
  try {
    const { mode } = await stat(file);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const fix = `chmod 600 ${file}; if somebody else may have read it, log out and in again`;
      throw new LoginFailure(problem(`${file} can be read by others`, "login-exposed", fix));
    }
    return JSON.parse(await readFile(file, "utf8")) as Logins;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
    if (error instanceof SyntaxError) {
      const fix = `remove it and log in again`;
      throw new LoginFailure(problem(`${file} is damaged`, "login-damaged", fix));
    }
    throw error;
  }
}

/**
 * Changes it, one command at a time: a refresh token is good for one use, and two at once would end the login.
 * @returns what `change` gives
 */
export async function changeLogins<T>(
  file: string,
  change: (before: Logins) => Promise<{ readonly after: Logins; readonly result: T }>,
): Promise<T> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const lock = `${file}.lock`;
  await take(lock);
  try {
    const before = await readLogins(file);
    const { after, result } = await change(before);
    if (after !== before) await replaceFile(file, `${JSON.stringify(after, null, 2)}\n`, 0o600, String(process.pid));
    return result;
  } finally {
    await rm(lock, { force: true });
  }
}

/** One that is older is of a command that was killed. */
async function take(lock: string): Promise<void> {
  for (let waited = 0; waited < lockMs; waited += 100) {
    try {
      return await (await open(lock, "wx", 0o600)).close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const made = await stat(lock).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > lockMs) await rm(lock, { force: true });
    else await sleep(100);
  }
  throw new LoginFailure(problem(`another command holds ${lock}`, "login-busy", `if none runs, remove ${lock}`));
}

export function withLogin({ logins }: Logins, login: Login): Logins {
  return { current: login.name, logins: [...logins.filter(({ name }) => name !== login.name), login] };
}

/** The same, and what was current stays so. */
export function withRenewed({ current, logins }: Logins, login: Login): Logins {
  return { current, logins: logins.map((one) => (one.name === login.name ? login : one)) };
}

export function withoutLogin({ current, logins }: Logins, name: string): Logins {
  const left = logins.filter((one) => one.name !== name);
  return { current: current === name ? (left.at(-1)?.name ?? null) : current, logins: left };
}
