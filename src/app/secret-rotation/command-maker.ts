import { spawn } from "node:child_process";
import { GatewayError } from "#model/errors.ts";
import { longestSecret } from "./maker.ts";

const usualTimeoutMs = 120_000;
const keptOutput = 500;
/** The gateway's own variables hold secrets that are none of the program's business. */
const passed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

/**
 * Runs a program with `make` or `drop`. No shell. What `make` prints is the new secret: the first line, or the member
 * `value` of an object of JSON; nobody sees it. `drop` reads the secret that is not used any more on standard input: a
 * list of processes shows arguments to everybody.
 *
 * @throws GatewayError `secret-rotation-failed`
 */
export async function callMaker(
  command: readonly string[],
  verb: "make" | "drop",
  secret: string,
  timeoutMs: number = usualTimeoutMs,
): Promise<string> {
  const output = await run([...command, verb], verb === "drop" ? secret : "", timeoutMs);
  return verb === "make" ? secretIn(output, command[0] ?? "") : "";
}

function run([program = "", ...args]: readonly string[], input: string, timeoutMs: number): Promise<string> {
  const env = Object.fromEntries(
    passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (output.length <= longestSecret * 2) output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-keptOutput - longestSecret);
    });
    // It may end without having read.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    // It may not want to end, and what it has started may hold its output open: nobody waits for either.
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      for (const stream of child.stdio) stream?.destroy();
      child.unref();
      reject(failed(`${program} has not ended in ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(failed(`${program} cannot be run: ${error.message}`));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else reject(failed(`${program} ended with ${code ?? signal}: ${shown(said, [input, ...secretsIn(output)])}`));
    });
  });
}

/** Its last words, as they go on record: without the secrets that it was told or has printed. */
function shown(said: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "").toSorted((a, b) => b.length - a.length);
  const clean = known.reduce((text, secret) => text.replaceAll(secret, "***"), said);
  return clean
    .slice(-keptOutput)
    .replaceAll(/\p{Cc}+/gu, " ")
    .trim();
}

/** What it may have meant for one before it failed. */
function secretsIn(output: string): readonly string[] {
  return [memberOf(output), ...output.split(/[\r\n]+/).map((line) => line.trim())];
}

function secretIn(output: string, program: string): string {
  const text = output.trim();
  const value = text.startsWith("{") ? memberOf(text) : (text.split(/\r?\n/, 1)[0] ?? "");
  if (value !== "" && value.length <= longestSecret && !/\p{Cc}/u.test(value)) return value;
  throw failed(`${program} printed no secret`);
}

function memberOf(text: string): string {
  try {
    const { value } = JSON.parse(text) as { readonly value?: unknown };
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

function failed(message: string): GatewayError {
  return new GatewayError("secret-rotation-failed", 500, message);
}
