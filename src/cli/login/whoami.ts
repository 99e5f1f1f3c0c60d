import { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { freshLogin } from "./access-token.ts";
import { unreachable } from "./gateway-settings.ts";
import { LoginFailure, loginExitCodes, notLoggedIn, oneLine, reportingLogin } from "./login-failure.ts";
import type { Login } from "./logins-file.ts";
import { trustAlso } from "./provider.ts";
import { problem } from "#cli/failure.ts";

interface Options {
  readonly login?: string;
  readonly json: boolean;
}

type Answer = Readonly<Record<string, unknown>>;

const timeoutMs = 10_000;

/** `sallyport whoami`: what the gateway takes one for. */
export function whoamiCommand(): Command {
  return withExitCodes(new Command("whoami"), loginExitCodes)
    .description("show what the gateway takes you for; without one, what the token says")
    .option("--login <name>", "of another login than the last: a gateway's address or an issuer")
    .option("--json", "print it as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport whoami
  sallyport whoami --json | jq .groups`,
    )
    .action((options: Options) =>
      reportingLogin(async () => {
        const login = await freshLogin(options.login);
        const { answer, from } = login.gateway === null ? fromToken(login) : await fromGateway(login, login.gateway);
        if (options.json) process.stdout.write(`${JSON.stringify({ ...answer, from }, null, 2)}\n`);
        else process.stdout.write(describe(answer, from));
      }),
    );
}

interface Found {
  readonly answer: Answer;
  readonly from: string;
}

async function fromGateway(login: Login, gateway: string): Promise<Found> {
  trustAlso(login.ca);
  const response = await fetch(`${gateway}/.sallyport/userinfo`, {
    redirect: "error",
    headers: { accept: "application/json", authorization: `Bearer ${login.accessToken}` },
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw unreachable(gateway, error);
  });
  const text = await response.text();
  if (response.status === 401) throw refused(gateway, text);
  if (response.status !== 200) {
    const message = `${gateway} answered ${response.status}: ${oneLine(text)}`;
    throw new LoginFailure(problem(message, "gateway-refused", "is this a gateway that people log in to?"));
  }
  return { answer: JSON.parse(text) as Answer, from: gateway };
}

/** The gateway does not take the token: by its reason. */
function refused(gateway: string, text: string): LoginFailure {
  const { reason } = parsed(text);
  return notLoggedIn(
    `${gateway} does not take the token (${typeof reason === "string" ? oneLine(reason) : "401"})`,
    gateway,
  );
}

/** Nobody has verified it: it is what the provider gave to this very program. */
function fromToken({ accessToken, issuer, who }: Login): Found {
  const [, payload] = accessToken.split(".");
  const claims = payload === undefined ? {} : parsed(Buffer.from(payload, "base64url").toString("utf8"));
  return { answer: { subject: claims["sub"] ?? who, ...claims }, from: `the token of ${issuer}` };
}

function parsed(text: string): Answer {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Answer) : {};
  } catch {
    return {};
  }
}

function describe(answer: Answer, from: string): string {
  const rows = Object.entries(answer).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const lines = rows.map(([name, value]) => `${name.padEnd(16)}${oneLine(shown(value))}\n`);
  return `${lines.join("")}${"from".padEnd(16)}${from}\n`;
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
