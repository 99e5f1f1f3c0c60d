import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { AccessCheck, type AccessVerdict } from "#app/access/access-check.ts";
import { QuestionProblem } from "#app/access/access-question.ts";
import { openKeyVault } from "#app/key-vault.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { reporting } from "#cli/admin/command.ts";
import { type AdminOptions, withAdminOptions } from "#cli/admin/connection.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { loadDefinition } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { describeVerdict } from "./describe-verdict.ts";
import { knownUser } from "./known-user.ts";
import { PrincipalProblem, readPrincipal } from "#app/access/principal-file.ts";

interface TestOptions extends DefinitionOptions, AdminOptions {
  readonly principal: string;
  readonly method: string;
  readonly url: string;
  readonly header?: readonly string[];
  readonly client: string;
  readonly at?: number;
  readonly json: boolean;
}

const refusedCode = 3;

/** `sallyport access test`: what the gateway would say to a request, and why. */
export function testCommand(): Command {
  return withExitCodes(withAdminOptions(withDefinitionOptions(new Command("test"))), exitCodes)
    .description("say whether a request would be let in, by which rules, and what would have to change")
    .requiredOption("-p, --principal <who>", "a JSON file, the id of a user of the running gateway, or anonymous")
    .option("-X, --method <method>", "the request's method", "GET")
    .requiredOption("-u, --url <url>", "the request's URL")
    .addOption(new Option("-H, --header <name: value>", "a field of the request (repeatable)").argParser(withHeader))
    .option("--client <address>", "address of the client", "203.0.113.7")
    .addOption(new Option("--at <time>", "as if it were this time, such as 2027-01-31T09:00:00Z").argParser(time))
    .option("--json", "print the result as JSON on standard output", false)
    .addHelpText("after", help)
    .action((options: TestOptions) => reporting(() => test(options)));
}

const help = `
The compiled routes and rules decide, the very ones that serve requests and answer forward_auth. The principal is
believed; nothing is sent anywhere, and policies do not run. Its file has the fields of a principal, or the claims of a
token with their iss.

Examples:
  sallyport access test --principal ann.json --url https://api.example.com/orders/7
  sallyport access test --principal ann --method DELETE --url https://api.example.com/orders/7 --at 2027-01-31T22:00:00Z
  sallyport access test --principal anonymous --url https://api.example.com/orders --json | jq .refusal.reason`;
const exitCodes = "0 it would be let in, 1 failed or problems found, 2 wrong usage, 3 it would be refused.";

function withHeader(field: string, before: readonly string[] = []): readonly string[] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/.exec(field) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError("It takes 'Name: value'.");
  return [...before, name, value];
}

function time(text: string): number {
  const found = Date.parse(text);
  if (Number.isNaN(found)) throw new InvalidArgumentError("It takes a time such as 2027-01-31T09:00:00Z.");
  return found;
}

async function test(options: TestOptions): Promise<void> {
  const definition = await load(options);
  if (definition === null) return;
  try {
    const principal = await principalFor(options, definition);
    show(options, ask(options, definition, principal), principal);
  } catch (error) {
    if (!(error instanceof PrincipalProblem || error instanceof QuestionProblem)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

async function load(options: TestOptions): Promise<Definition | null> {
  const result = await loadDefinition({
    file: resolve(options.config),
    ...(options.env === undefined ? {} : { environment: options.env }),
    values: options.set ?? {},
    variables: process.env,
    readFile,
    vault: openKeyVault(process.env),
  });
  if (result.definition !== null) return result.definition;
  report(result, false);
  process.exitCode = 1;
  return null;
}

async function principalFor(options: TestOptions, definition: Definition): Promise<Principal> {
  const { principal: who } = options;
  if (who === "anonymous") return anonymous;
  return existsSync(who) ? readPrincipal(who, definition) : knownUser(who, options, definition);
}

function ask(
  { method, url, header = [], client, at }: TestOptions,
  definition: Definition,
  principal: Principal,
): AccessVerdict {
  const now = at ?? Date.now();
  const clock = { now: () => now, mono: () => performance.now() };
  return new AccessCheck(definition, clock).ask({ method, url, headers: header, clientAddress: client }, principal);
}

function show({ json }: TestOptions, verdict: AccessVerdict, principal: Principal): void {
  const text = json
    ? `${JSON.stringify({ principal: principal.id, ...verdict }, null, 2)}\n`
    : describeVerdict(verdict, principal);
  process.stdout.write(text);
  if (!verdict.allowed) process.exitCode = refusedCode;
}
