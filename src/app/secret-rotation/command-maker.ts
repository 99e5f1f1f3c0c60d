import { GatewayError } from "#model/errors.ts";
import { oneLine, runProgram } from "#lib/run-program.ts";
import { longestSecret } from "./maker.ts";

const usualTimeoutMs = 120_000;
const keptWords = 500;

/**
 * Runs a program with `make` or `drop`. What `make` prints is the new secret: the first line, or the member
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

async function run(command: readonly string[], input: string, timeoutMs: number): Promise<string> {
  const keptOutput = longestSecret * 2;
  const limits = { timeoutMs, keptOutput, keptWords: keptWords + longestSecret };
  const { problem, output, words } = await runProgram(command, { input, ...limits });
  if (problem === null) return output;
  const said = shown(words, [input, ...secretsIn(output)]);
  throw failed(said === "" ? problem : `${problem}: ${said}`);
}

/** Its last words, as they go on record: without the secrets that it was told or has printed. */
function shown(said: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret !== "").toSorted((a, b) => b.length - a.length);
  const clean = known.reduce((text, secret) => text.replaceAll(secret, "***"), said);
  return oneLine(clean.slice(-keptWords));
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
