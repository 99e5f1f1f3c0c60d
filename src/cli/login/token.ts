import { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { freshLogin } from "./access-token.ts";
import { loginExitCodes, reportingLogin } from "./login-failure.ts";

interface Options {
  readonly login?: string;
}

/** `sallyport token`: the one command that prints it. */
export function tokenCommand(): Command {
  return withExitCodes(new Command("token"), loginExitCodes)
    .description("print an access token of the login, renewed if need be; nothing else prints one")
    .option("--login <name>", "of another login than the last: a gateway's address or an issuer")
    .addHelpText(
      "after",
      `
Examples:
  sallyport token
  sallyport token --login https://api.example.com > token.txt`,
    )
    .action(({ login }: Options) =>
      reportingLogin(async () => {
        const { accessToken } = await freshLogin(login);
        process.stdout.write(`${accessToken}\n`);
      }),
    );
}
