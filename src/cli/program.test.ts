import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "commander";
import { createProgram } from "./program.ts";

const program = await createProgram();
/** As on a terminal of 80 columns. */
const list = helpOf(await createProgram([]));

function leaves(command: Command, path: string): readonly (readonly [string, Command])[] {
  if (command.commands.length === 0) return [[path, command]];
  return command.commands.flatMap((child) => leaves(child, `${path} ${child.name()}`));
}

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

describe("each command's help", () => {
  for (const [path, command] of leaves(program, "sallyport")) {
    it(`${path} says what it does, shows an example of itself, and what its exit codes mean`, () => {
      const help = helpOf(command);
      assert.notEqual(command.description(), "");
      assert.match(help, new RegExp(`\\nExamples?:\\n(.*\\n)*.*${path.replaceAll(" ", " +")}`), help);
      assert.match(help, /\nExit codes: \S.*\n$/);
      assert.equal(help.split("Exit codes:").length, 2, "said once");
      for (const option of command.options) assert.notEqual(option.description, "", option.flags);
    });
  }
});

describe("the list of all commands", () => {
  it("is there without any of them being read", async () => {
    const commands = (await createProgram([])).commands.filter((command) => command.name() !== "completion");
    assert.ok(commands.length > 40);
    for (const command of commands) assert.deepEqual([command.options, command.commands], [[], []], command.name());
  });

  for (const command of program.commands) {
    it(`says in one line what ${command.name()} is for`, () => {
      assert.match(list, new RegExp(`^  ${command.name()} +${RegExp.escape(command.summary())}$`, "m"));
    });
  }

  it("leads to all of one command", async () => {
    const { commands } = await createProgram(["help", "audit"]);
    const whole = commands.filter((command) => command.commands.length > 0).map((command) => command.name());
    assert.deepEqual(whole, ["audit"]);
  });
});
