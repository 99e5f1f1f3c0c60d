import type { ComparePassword } from "#identity/basic/password-checks.ts";
import type { Log } from "#model/ports.ts";
import { TransformPool } from "#threads/transform-pool.ts";

export interface PasswordJob {
  readonly password: string;
  readonly hash: string;
}

export interface PasswordThreads {
  readonly compare: ComparePassword;
  /** Fails what runs and what waits. */
  close(): Promise<void>;
}

/** Of one worker. Beside those for bodies: whoever guesses passwords keeps no transform waiting. */
const maxThreads = 1;
const maxWaiting = 32;
/** As long as people wait for a page. */
const patienceMs = 10_000;
/** bcrypt's dearest cost takes four seconds on a slow machine. */
const limitMs = 20_000;
/** Of JavaScript; Argon2id takes its memory beside it, 256 MiB at most. */
const memoryMiB = 64;

export function createPasswordThreads(log: Log): PasswordThreads {
  const pool = new TransformPool({
    entry: new URL("password-thread.ts", import.meta.url),
    maxThreads,
    maxWaiting,
    patienceMs,
    memoryMiB,
    onStopped: (job, why) => log.warn("a check was stopped with its thread", { job, why }),
  });
  return {
    compare: (password, hash) =>
      pool.run({ name: "password", request: { password, hash } satisfies PasswordJob, limitMs }) as Promise<boolean>,
    close: () => pool.close(),
  };
}
