import { Argument, Command } from "commander";
import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { commandEntries } from "./tree.ts";
import { zshCompletion } from "./zsh.ts";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/**
 * `sallyport completion`: what a shell completes by, all of it in the text: nothing is asked of the program at each key.
 * @param createProgram makes the program with every command
 */
export function completionCommand(createProgram: () => Promise<Command>): Command {
  return new Command("completion")
    .summary("what a shell completes this command line by")
    .description("print what a shell completes this command line by")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(Object.keys(shells)))
    .addHelpText(
      "after",
      `
Examples:
  source <(sallyport completion bash)
  sallyport completion bash > /etc/bash_completion.d/sallyport
  sallyport completion zsh > "\${fpath[1]}/_sallyport"
  sallyport completion fish > ~/.config/fish/completions/sallyport.fish`,
    )
    .action(async (shell: keyof typeof shells) => {
      const program = await createProgram();
      process.stdout.write(shells[shell](program.name(), commandEntries(program)));
    });
}
