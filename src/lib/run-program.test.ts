import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { oneLine, type ProgramOptions, runProgram } from "./run-program.ts";

const usual: ProgramOptions = { timeoutMs: 60_000, keptOutput: 100, keptWords: 20 };

function script(text: string): readonly string[] {
  return [process.execPath, "-e", text];
}

describe("a program of the operator's", () => {
  it("is told on standard input, and what it says is kept within bounds", async () => {
    const loud = `process.stdin.on("data", (text) => {
      process.stdout.write(String(text).toUpperCase() + "-".repeat(5000));
      process.stderr.write("x".repeat(5000) + "the end");
    });`;
    const { problem, output, words } = await runProgram(script(loud), { ...usual, input: "a secret" });
    assert.equal(problem, null);
    assert.equal(output, `A SECRET${"-".repeat(92)}`);
    assert.equal(words, `${"x".repeat(13)}the end`);
  });

  it("sees nothing of the gateway's own variables but where it is", async (t) => {
    process.env["RUN_PROGRAM_SECRET"] = "hidden";
    t.after(() => delete process.env["RUN_PROGRAM_SECRET"]);
    const { output } = await runProgram(script("console.log(Object.keys(process.env).join())"), usual);
    assert.match(output, /PATH/);
    assert.doesNotMatch(output, /RUN_PROGRAM_SECRET|NODE/);
  });

  it("may fail, be no program, be killed, or never read, and each is told", async () => {
    const told = async (command: readonly string[]): Promise<string | null> =>
      (await runProgram(command, { ...usual, input: "x".repeat(1_000_000) })).problem;
    assert.equal(await told(script("process.exit(3)")), `${process.execPath} ended with 3`);
    assert.equal(await told(script("process.kill(process.pid, 'SIGKILL')")), `${process.execPath} ended with SIGKILL`);
    assert.match((await told(["/nowhere/at/all"])) ?? "", /^\/nowhere\/at\/all cannot be run: .*ENOENT/);
    assert.match((await told([])) ?? "", /cannot be run/);
    assert.match((await told(["/bin/echo", "a\0b"])) ?? "", /cannot be run/);
    assert.equal(await told(script("")), null);
  });

  it("is not waited for when it does not end, nor when what it started holds its output", async () => {
    // Waited for, it would be told how it ended, once the other one had.
    const hangs = await runProgram(["/bin/sh", "-c", "trap '' TERM; sleep 2 & wait"], { ...usual, timeoutMs: 300 });
    assert.equal(hangs.problem, "/bin/sh has not ended in 0.3 s");
  });

  it("speaks in one line", () => {
    assert.equal(oneLine("\n a\r\nb\u0007c\n"), "a b c");
  });
});
