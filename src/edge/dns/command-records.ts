import { spawn } from "node:child_process";
import { unusable } from "#edge/acme/problem.ts";
import type { TxtRecords } from "./records.ts";

const timeoutMs = 120_000;
const keptOutput = 500;
/** The gateway's own variables hold secrets that are none of the program's business. */
const passed = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

/** Calls a program with `present` or `remove`, the record's name and its text. No shell: nothing in them is a command. */
export function commandRecords(run: readonly string[]): TxtRecords {
  return {
    add: (name, text) => call(run, ["present", name, text]),
    remove: (name, text) => call(run, ["remove", name, text]),
  };
}

function call([program = "", ...before]: readonly string[], after: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = Object.fromEntries(
      passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    );
    const child = spawn(program, [...before, ...after], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: timeoutMs,
    });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(-keptOutput);
    });
    child.once("error", (error) => reject(unusable(`${program} cannot be run: ${error.message}`, error)));
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(unusable(`${program} ended with ${code ?? signal}: ${said.replaceAll(/\p{Cc}+/gu, " ").trim()}`));
    });
  });
}
