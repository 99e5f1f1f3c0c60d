import { problem } from "#cli/failure.ts";

/** A failure that a person reads as it is. `exitCode` 3: nobody is logged in, or not any more. */
export class LoginFailure extends Error {
  readonly exitCode: 1 | 3;

  constructor(message: string, exitCode: 1 | 3 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const loginExitCodes = "0 done, 1 failed, 2 wrong usage, 3 not logged in, or not any more: sallyport login.";

/** Prints what went wrong, with the exit code that it has. */
export async function reportingLogin(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof LoginFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

export function notLoggedIn(what: string, at?: string): LoginFailure {
  const fix = at === undefined ? "sallyport login <gateway>" : `sallyport login ${at}`;
  return new LoginFailure(problem(what, "login-missing", fix), 3);
}

/** What a provider or a gateway says about an error may hold anything: one line of it, and nothing that steers a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").slice(0, 300);
}
