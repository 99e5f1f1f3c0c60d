import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { problem } from "#cli/failure.ts";
import { keepLogin } from "./access-token.ts";
import { loginByBrowser } from "./browser-login.ts";
import { loginByDevice } from "./device-login.ts";
import { askGatewaySettings } from "./gateway-settings.ts";
import { LoginFailure, loginExitCodes, oneLine, reportingLogin } from "./login-failure.ts";
import { checkedUrl, type LoginTarget } from "./login-target.ts";
import { loginsPath } from "./logins-file.ts";
import { hasBrowser, openBrowser } from "./open-browser.ts";
import { findProvider, trustAlso } from "./provider.ts";

interface Options {
  readonly issuer?: string;
  readonly clientId?: string;
  readonly tenant?: string;
  readonly scope?: string;
  readonly resource?: string;
  readonly audience?: string;
  readonly device: boolean;
  readonly browser: boolean;
  readonly port?: number;
  readonly redirectHost: "127.0.0.1" | "localhost";
  readonly ca?: string;
}

/** `sallyport login`: with the provider of a gateway, or with any. */
export function loginCommand(): Command {
  return withExitCodes(new Command("login"), loginExitCodes)
    .description("log in, so that token, whoami and curl can be used: in the browser, or by a code on another machine")
    .argument("[gateway]", "address of a gateway that says how one logs in")
    .option("--issuer <url>", "OpenID provider; instead of a gateway, or of what it says")
    .option("--client-id <id>", "public client there")
    .option("--tenant <id>", "of which tenant you are, where people of several log in", parseTenant)
    .option("--scope <scopes>", "what is asked for, separated by spaces")
    .option("--resource <uri>", "what the token is for (RFC 8707)")
    .option("--audience <name>", "the same, for providers that call it so")
    .option("--device", "by a code that is entered with any browser (RFC 8628)", false)
    .option("--no-browser", "only print the address that a browser of this machine is to open")
    .option("--port <n>", "port that the provider leads back to (default: any that is free)", parsePort)
    .addOption(
      new Option("--redirect-host <host>", "host in that address: what the provider has the client registered with")
        .choices(["127.0.0.1", "localhost"])
        .default("127.0.0.1"),
    )
    .option("--ca <file>", "PEM file of a further authority, such as a gateway's own")
    .addHelpText(
      "after",
      `
Tokens are kept in ${loginsPath({ ...process.env })}, for this user alone; the
keychain of the system is not used.

Examples:
  sallyport login https://api.example.com
  sallyport login https://api.example.com --device
  sallyport login https://api.example.com --tenant 11111111-2222-3333-4444-555555555555
  sallyport login --issuer https://login.example.com --client-id sallyport-cli --resource api://orders`,
    )
    .action((gateway: string | undefined, options: Options) => reportingLogin(() => logIn(gateway, options)));
}

async function logIn(gateway: string | undefined, options: Options): Promise<void> {
  const ca = options.ca === undefined ? null : resolve(options.ca);
  trustAlso(ca);
  const target = await targetOf(gateway, options, ca);
  const say = (text: string): void => void process.stderr.write(text);
  say(`Logging in at ${oneLine(target.issuer)}${target.gateway === null ? "" : ` for ${target.gateway}`}\n`);
  const provider = await findProvider(target);
  const byDevice =
    options.device || (options.browser && !hasBrowser(process.env, process.platform) && hasDevice(provider));
  const { redirectHost, port = 0 } = options;
  const open = options.browser && hasBrowser(process.env, process.platform) ? openBrowser : () => {};
  const answer = byDevice
    ? await loginByDevice(provider, target, say)
    : await loginByBrowser(provider, target, { redirectHost, port, say, open });
  const { who, refreshToken } = await keepLogin(target, answer);
  const short = refreshToken === null ? "; it ends with its token, as the provider gave none to renew it" : "";
  say(`Logged in${who === null ? "" : ` as ${oneLine(who)}`}${short}\n`);
}

function hasDevice(provider: Awaited<ReturnType<typeof findProvider>>): boolean {
  return provider.serverMetadata().device_authorization_endpoint !== undefined;
}

async function targetOf(gateway: string | undefined, options: Options, ca: string | null): Promise<LoginTarget> {
  const { issuer, clientId, scope, resource, audience } = options;
  const said = {
    ...(scope === undefined ? {} : { scopes: scope.split(" ").filter((one) => one !== "") }),
    ...(resource === undefined ? {} : { resource }),
    ...(audience === undefined ? {} : { audience }),
  };
  if (issuer === undefined && gateway !== undefined) {
    const known = await askGatewaySettings(gateway, ca, options.tenant);
    return { ...known, ...(clientId === undefined ? {} : { clientId }), ...said };
  }
  if (issuer === undefined || clientId === undefined) {
    const fix = "sallyport login https://api.example.com, or --issuer <url> --client-id <id>";
    throw new LoginFailure(problem("it is not said where to log in", "login-nowhere", fix));
  }
  const origin = gateway === undefined ? null : checkedUrl(gateway, "a gateway").origin;
  checkedUrl(issuer, "a provider");
  const base = { name: origin ?? issuer, gateway: origin, issuer, clientId, prompt: null, ca };
  return { ...base, scopes: ["openid", "offline_access"], resource: null, audience: null, ...said };
}

function parseTenant(text: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("It takes the id of a tenant: 11111111-2222-3333-4444-555555555555.");
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port < 65_536) return port;
  throw new InvalidArgumentError("It takes a port.");
}
