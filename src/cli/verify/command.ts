import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { getCACertificates } from "node:tls";
import { Command, Option } from "commander";
import { principalOfClaims, PrincipalProblem } from "#app/access/principal-file.ts";
import { runVerify } from "#app/verify/run-verify.ts";
import type { Bearer } from "#app/verify/derived-checks.ts";
import type { ProbeGateway } from "#app/verify/send-probe.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { reporting } from "#cli/admin/command.ts";
import { type AdminOptions, withAdminOptions } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { type FindingOutput, tellFindings, withFindingOutput } from "#cli/findings/output.ts";
import { problem } from "#cli/failure.ts";
import type { Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";
import { type Address, hostPort, ownListener } from "./address.ts";
import { readDeployed } from "./read-deployed.ts";
import { runningFinding } from "./running.ts";

interface VerifyCommandOptions extends DefinitionOptions, AdminOptions, FindingOutput {
  readonly connect?: Address;
  readonly ca?: string;
  readonly admin: boolean;
  readonly safeOnly: boolean;
  readonly token: readonly string[];
}

/** `sallyport verify`: whether a running gateway does what its definition says. */
export function verifyCommand(): Command {
  return withExitCodes(
    withFindingOutput(withAdminOptions(withDefinitionOptions(new Command("verify")))),
    "0 all of it holds, 1 something does not, 2 wrong usage.",
  )
    .description("after a deploy: ask the running gateway whether it refuses whom the definition refuses, and the rest")
    .addOption(
      new Option(
        "--connect <host:port>",
        "where it is reached, whatever host a request is for (default: its listener)",
      ).argParser(hostPort),
    )
    .option("--ca <file>", "PEM file of the CA that its certificates are trusted by, besides the system's")
    .option("--no-admin", "do not ask its admin API what it runs")
    .option(
      "--token <variable>",
      "environment variable with somebody's token, who is tried at every operation (repeatable)",
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option("--safe-only", "leave out requests that could change something, should they not be refused", false)
    .addHelpText(
      "after",
      `
Every operation that not everybody may call is called without an identity, and with each token of somebody whom the
definition refuses there, and has to refuse with the very status. A request that could change something names what no
backend has, announces a body and never sends it: a gateway that refuses does so before. Every host has to have a certificate that clients trust. Then
come the definition's own checks.

Examples:
  sallyport verify --env prod
  sallyport verify --env prod --connect 10.0.0.9:443 --junit verify.xml --html verify.html
  SALES=$(sallyport token) sallyport verify --env staging --token SALES --json | jq .counts`,
    )
    .action((options: VerifyCommandOptions) => reporting(() => verify(options)));
}

async function verify(options: VerifyCommandOptions): Promise<void> {
  const read = await readDeployed(options);
  if (!read.ok) {
    report(read, options.json);
    process.exitCode = 1;
    return;
  }
  const { definition } = read;
  const bearers = bearersOf(options.token, definition);
  if (typeof bearers === "string") {
    process.stderr.write(`${bearers}\n`);
    process.exitCode = 2;
    return;
  }
  const running = options.admin ? await runningFinding(options, read) : null;
  const gateway = gatewayOf(options, definition, running?.listener ?? null);
  const clock = { now: () => Date.now(), mono: () => performance.now() };
  const work = runVerify({ definition, gateway, bearers, clock, env: process.env, safeOnly: options.safeOnly });
  const found: readonly Finding[] = await withProgress("verifying", work);
  const findings = running === null ? found : [running.finding, ...found];
  const title = `verify: environment ${definition.environment}`;
  await tellFindings({ command: "verify", title, time: new Date().toISOString(), findings }, options);
}

function gatewayOf(
  { connect, ca, data }: VerifyCommandOptions,
  definition: Definition,
  listener: Address | null,
): ProbeGateway {
  const root = ca ?? join(resolve(data), "ca", "root.crt");
  const trusted = ca !== undefined || existsSync(root) ? [readFileSync(root, "utf8")] : [];
  return { connect: connect ?? listener ?? ownListener(definition), ca: [...getCACertificates("default"), ...trusted] };
}

/** @returns what is wrong with one of them */
function bearersOf(variables: readonly string[], definition: Definition): readonly Bearer[] | string {
  const bearers: Bearer[] = [];
  for (const name of variables) {
    const token = process.env[name] ?? "";
    const claims = claimsOf(token);
    if (claims === null)
      return problem(`${name} holds no token (JWT)`, "verify-token", `set ${name} to an access token`);
    try {
      bearers.push({ name, token, principal: principalOfClaims(name, claims, definition) });
    } catch (error) {
      if (!(error instanceof PrincipalProblem)) throw error;
      return problem(error.message, "verify-token", "take a token of a provider of the definition");
    }
  }
  return bearers;
}

/** Not verified: the gateway does that. */
function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
