import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { Command } from "commander";
import { problem } from "#cli/failure.ts";
import { findLogin, freshLogin } from "./access-token.ts";
import { LoginFailure, reportingLogin } from "./login-failure.ts";
import type { Login } from "./logins-file.ts";

interface Options {
  readonly login?: string;
}

/** `sallyport curl`: the token goes to curl through a pipe, so no process list shows it. */
export function curlCommand(): Command {
  return new Command("curl")
    .description("run curl with the login's access token, which no process list shows")
    .argument("<url>", "address at the gateway that one is logged in to, or a path of it")
    .argument("[args...]", "what curl takes, as it is")
    .option(
      "--login <name>",
      "another login than the one of that address, or the last: a gateway's address or an issuer",
    )
    .allowUnknownOption()
    .addHelpText(
      "after",
      `
The token goes to the gateway of the login and nowhere else; curl itself takes
it away when it follows a redirect to another host.

Examples:
  sallyport curl https://api.example.com/orders
  sallyport curl /orders -X POST --json '{"item": 7}'
  sallyport curl --login https://api.example.com /orders -i

Exit codes: curl's own; 1 and 3 before it has begun: failed, not logged in.`,
    )
    .action((url: string, args: readonly string[], options: Options) =>
      reportingLogin(async () => {
        const named = options.login ?? originOf(url);
        const known = await findLogin(named);
        const target = checkedTarget(url, known);
        for (const arg of args) checkArgument(arg, target.origin);
        const login = await freshLogin(known.name);
        process.exitCode = await runCurl(login, [target.href, ...args]);
      }),
    );
}

function originOf(url: string): string | undefined {
  return url.startsWith("/") ? undefined : URL.parse(url)?.origin;
}

/** A login with a provider alone knows no gateway: then whoever types the address says where the token may go. */
function checkedTarget(url: string, { gateway, name }: Login): URL {
  const target = URL.parse(url, gateway ?? undefined);
  if (target === null || !/^https?:$/.test(target.protocol)) {
    const fix = "write the address first: a whole one, or a path of the gateway that you are logged in to";
    throw new LoginFailure(problem(`${JSON.stringify(url.slice(0, 200))} is no address`, "address-invalid", fix));
  }
  if (gateway !== null && target.origin !== gateway) throw elsewhere(target.origin, name);
  return target;
}

/** A second address would get the token as well. */
function checkArgument(arg: string, origin: string): void {
  const text = arg.startsWith("--url=") ? arg.slice("--url=".length) : arg;
  const other = /^https?:\/\//i.test(text) ? URL.parse(text)?.origin : undefined;
  if (other !== undefined && other !== origin) throw elsewhere(other, origin);
  if (/^--(location-trusted|next)$/.test(arg) || arg === "-:") {
    const message = `curl's ${arg} could send the token to another host`;
    throw new LoginFailure(problem(message, "argument-refused", "leave it out, or run curl once for each address"));
  }
}

function elsewhere(origin: string, name: string): LoginFailure {
  const message = `the token of ${name} is not for ${origin}`;
  return new LoginFailure(problem(message, "address-elsewhere", `sallyport login ${origin}`));
}

/**
 * The configuration comes over a pipe of its own, for standard input is the request's. What Node gives a child is a
 * socket, which cannot be opened by a name, so that the shell makes a pipe of it. Windows has standard input alone.
 */
const throughPipe = 'exec 4<&0; cat <&3 | { exec 5<&0 0<&4 3<&- 4<&-; exec curl --config /dev/fd/5 "$@"; }';

function spawnCurl(args: readonly string[]): { readonly child: ChildProcess; readonly config: Writable } {
  if (process.platform === "win32") {
    const child = spawn("curl", ["--config", "-", ...args], { stdio: ["pipe", "inherit", "inherit"] });
    return { child, config: child.stdin };
  }
  const child = spawn("sh", ["-c", throughPipe, "sh", ...args], { stdio: ["inherit", "inherit", "inherit", "pipe"] });
  return { child, config: child.stdio[3] as Writable };
}

function runCurl({ accessToken, ca }: Login, args: readonly string[]): Promise<number> {
  const { child, config } = spawnCurl(args);
  // It may end before it has read.
  config.on("error", () => {});
  const authority = ca === null ? "" : `cacert = "${quoted(ca)}"\n`;
  config.end(`header = "Authorization: Bearer ${quoted(accessToken)}"\n${authority}`);
  return new Promise((resolve, reject) => {
    child.on("error", () => reject(missing()));
    // 127: the shell has not found it, and has said so.
    child.on("close", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

function missing(): LoginFailure {
  return new LoginFailure(problem("curl cannot be run", "curl-missing", "install curl, or use: sallyport token"));
}

function quoted(text: string): string {
  return text.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll(/[\r\n]/g, "");
}
