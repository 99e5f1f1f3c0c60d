import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { problem } from "#cli/failure.ts";
import { findLogin, freshLogin } from "./access-token.ts";
import { LoginFailure, reportingLogin } from "./login-failure.ts";
import type { Login } from "./logins-file.ts";

interface Options {
  readonly login?: string;
}

/** `sallyport curl`: the token goes to curl through a pipe, so no process list shows it. */
export function curlCommand(): Command {
  return withExitCodes(new Command("curl"), "curl's own; 1 and 3 before it has begun: failed, not logged in.")
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
  sallyport curl --login https://api.example.com /orders -i`,
    )
    .action((url: string, args: readonly string[], options: Options) =>
      reportingLogin(async () => {
        const named = options.login ?? originOf(url);
        const known = await findLogin(named);
        const target = checkedTarget(url, known);
        checkArguments(args, target.origin);
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

/**
 * A second address would get the token as well, and so would whoever stands in for the first: curl takes an address
 * without a scheme too, so that whatever is no option and no option's value is taken for one.
 */
function checkArguments(args: readonly string[], origin: string): void {
  let isValue = false;
  for (const arg of args) {
    if (isValue) isValue = false;
    else if (arg.startsWith("-") && arg !== "-") {
      if (leadsElsewhere(arg)) throw refusedArgument(arg);
      isValue = takesValue.has(arg.startsWith("--") ? arg : `-${arg.at(-1)}`) && !hasItsValue(arg);
    } else throw elsewhere(URL.parse(arg)?.origin ?? arg.slice(0, 200), origin);
  }
}

/** `-ofile`: the letter that takes a value is not the last one. */
function hasItsValue(arg: string): boolean {
  const at = Array.from(arg.slice(1)).findIndex((letter) => takesValue.has(`-${letter}`));
  return !arg.startsWith("--") && at >= 0 && at < arg.length - 2;
}

/** Options by which the token could go to another address, or another server be taken for the right one. */
const elsewhereOptions: readonly string[] =
  "--url --next --location-trusted --connect-to --resolve --doh-url --config --unix-socket --abstract-unix-socket".split(
    " ",
  );

function leadsElsewhere(arg: string): boolean {
  if (arg.startsWith("--")) {
    const [name = ""] = arg.split("=", 1);
    // curl takes the beginning of a long option for all of it, if no other one begins so.
    return name !== "--location" && elsewhereOptions.some((option) => option.startsWith(name));
  }
  // Several letters behind one dash, up to one whose value the rest is.
  for (const letter of arg.slice(1)) {
    if (letter === "K" || letter === ":") return true;
    if (takesValue.has(`-${letter}`)) return false;
  }
  return false;
}

/** Options of curl that have their value behind them; one that is not here takes it with `=`, or is refused. */
const takesValue: ReadonlySet<string> = new Set(
  (
    "-A -C -D -E -F -H -T -X -Y -b -c -d -e -m -o -r -t -u -w -x -y -z --cacert --cert --cert-type --ciphers " +
    "--connect-timeout --continue-at --cookie --cookie-jar --curves --data --data-ascii --data-binary --data-raw " +
    "--data-urlencode --dump-header --etag-compare --etag-save --expect100-timeout --form --form-string --header " +
    "--interface --json --keepalive-time --key --key-type --limit-rate --max-filesize --max-redirs --max-time --noproxy " +
    "--output --output-dir --pass --proxy --range --rate --referer --request --retry --retry-delay --retry-max-time " +
    "--speed-limit --speed-time --stderr --time-cond --tls-max --trace --trace-ascii --trace-config --upload-file " +
    "--url-query --user-agent --write-out"
  ).split(" "),
);

function refusedArgument(arg: string): LoginFailure {
  const message = `curl's ${arg.slice(0, 80)} could send the token to another host`;
  return new LoginFailure(problem(message, "argument-refused", "leave it out, or run curl once for each address"));
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
