import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "commander";
import { createProgram } from "./program.ts";

const program = await createProgram();

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
