import { spawn } from "node:child_process";

export interface ProgramOptions {
  /** What it reads on standard input. Default: nothing. A list of processes shows arguments to everybody. */
  readonly input?: string;
  /** Longest that it is waited for. */
  readonly timeoutMs: number;
  /** Characters of its output that are kept, from the beginning, and of its last words, from the end. */
  readonly keptOutput: number;
  readonly keptWords: number;
}

export interface ProgramEnd {
  /** Null: it ended with 0. Else what became of it: that it cannot be run, has not ended, or ended otherwise. */
  readonly problem: string | null;
  readonly output: string;
  /** The end of what it wrote to standard error. It may hold whatever the program was told. */
  readonly words: string;
}

/** The gateway's own variables hold secrets that are none of a program's business. */
const passed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

/** Runs a program of the operator's. No shell: nothing in its arguments is a command. Never rejects. */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  try {
    return await run(command, options);
  } catch (error) {
    // Of what is no name of a program, or holds a NUL.
    return { problem: `${command[0] ?? ""} cannot be run: ${(error as Error).message}`, output: "", words: "" };
  }
}

function run(
  [program = "", ...args]: readonly string[],
  { input = "", timeoutMs, keptOutput, keptWords }: ProgramOptions,
): Promise<ProgramEnd> {
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  const child = spawn(program, args, { env: passedEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  let words = "";
  const end = (problem: string | null): void => {
    clearTimeout(timer);
    resolve({ problem, output, words });
  };
  child.stdout.on("data", (chunk: Buffer) => {
    if (output.length < keptOutput) output = `${output}${chunk.toString()}`.slice(0, keptOutput);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    words = `${words}${chunk.toString()}`.slice(-keptWords);
  });
  // It may end without having read.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  // It may not want to end, and what it has started may hold its output open: nobody waits for either.
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    for (const stream of child.stdio) stream?.destroy();
    child.unref();
    end(`${program} has not ended in ${timeoutMs / 1000} s`);
  }, timeoutMs);
  child.once("error", (error) => end(`${program} cannot be run: ${error.message}`));
  child.once("close", (code, signal) => end(code === 0 ? null : `${program} ended with ${code ?? signal}`));
  return promise;
}

/** Words of a program as one line of text. */
export function oneLine(words: string): string {
  return words.replaceAll(/\p{Cc}+/gu, " ").trim();
}

function passedEnvironment(): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
