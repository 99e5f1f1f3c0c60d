import { existsSync } from "node:fs";
import { Command, Help } from "commander";
import { packageVersion } from "#app/version.ts";
import { commandGroups, commandNames } from "./commands.ts";
import { completionCommand } from "./completion/command.ts";
import { exitCodesOf } from "./exit-codes.ts";

const demo = new URL("../../demo/main.ts", import.meta.url);

const examples = `
Examples:
  sallyport check --config sallyport.yaml --env dev
  sallyport run --config sallyport.yaml --env dev
  sallyport explain 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11
`;
/** The launcher has this command in a checkout only. */
const demoExample = "  sallyport demo --help        the quick start, which `npm start` runs\n";

/**
 * The command line, each command with examples in its help. Usage errors end with 2, failures with 1.
 *
 * @param wanted names of commands that are to be whole; of the others only a summary is there, which takes no time
 */
export async function createProgram(wanted: readonly string[] = commandNames): Promise<Command> {
  const program = new Command("sallyport")
    .description(
      "An identity-aware API gateway: HTTPS edge, identity, policies and an audit record, from one definition.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for what this command takes)")
    .configureHelp({ subcommandTerm: shownAs })
    .addHelpText("after", `${examples}${existsSync(demo) ? demoExample : ""}`)
    .addHelpText("afterAll", ({ command }) => exitCodesOf(command));
  for (const [heading, group] of Object.entries(commandGroups)) {
    for (const [name, entry] of Object.entries(group)) {
      const command = wanted.includes(name) ? await entry.load() : new Command(name);
      program.addCommand(inherit(command.summary(entry.summary).helpGroup(heading), program));
    }
  }
  program.commandsGroup("This command line:").helpCommand("help [command]", "the help of a command");
  program.addCommand(inherit(completionCommand(createProgram), program));
  return program;
}

/** In the list of all commands by their names; a group's own commands with what they take. */
function shownAs(command: Command): string {
  return command.parent?.parent === null ? command.name() : new Help().subcommandTerm(command);
}

/** How errors are shown and end, down to the last subcommand. */
function inherit(command: Command, parent: Command): Command {
  for (const child of command.commands) inherit(child, parent);
  return command.copyInheritedSettings(parent);
}
