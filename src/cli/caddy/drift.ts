import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readDefinition } from "#cli/apim/read-definition.ts";
import { report } from "#cli/definition-options.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { problem } from "#cli/failure.ts";
import { type FindingOutput, tellFindings, withFindingOutput } from "#cli/findings/output.ts";
import { type CaddyDifference, compareRunning } from "#interop/caddy/compare-running.ts";
import { caddyJson } from "#interop/caddy/write-json.ts";
import type { Finding } from "#model/finding.ts";
import { caddyFor, type CaddyOptions, withCaddyOptions } from "./options.ts";

interface DriftCaddyOptions extends CaddyOptions, FindingOutput {
  readonly admin: URL;
  readonly running?: string;
}

const patienceMs = 10_000;
const mostBytes = 16 * 1024 * 1024;

/** `sallyport drift caddy`: whether a real Caddy runs what `export caddy` would write. */
export function driftCaddyCommand(): Command {
  const command = withFindingOutput(withCaddyOptions(new Command("caddy")))
    .description("a real Caddy: compare what it runs with what export caddy writes; options as there")
    .option("--admin <url>", "Caddy's admin API", adminUrl, new URL("http://localhost:2019"))
    .option("--running <file>", "its configuration as JSON, instead of asking for it")
    .addHelpText(
      "after",
      `
The routes of the hosts that the definition has are compared; what else Caddy does is its own.

Examples:
  sallyport drift caddy --env prod
  sallyport drift caddy --env prod --shape asking --admin http://10.0.0.5:2019 --junit drift.xml`,
    )
    .action((options: DriftCaddyOptions) => driftCaddy(options));
  return withExitCodes(command, "0 nothing differs, 1 something does, or cannot be compared, 2 wrong usage.");
}

function adminUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError("It takes http://host:port.");
  return url;
}

async function driftCaddy(options: DriftCaddyOptions): Promise<void> {
  const read = await readDefinition(options);
  if (!read.ok) {
    report(read, options.json);
    process.exitCode = 1;
    return;
  }
  const { plan, notes } = caddyFor(read.definition, options);
  const refused = notes.filter(({ severity }) => severity === "error");
  const findings = refused.length > 0 ? refused.map(refusal) : await compared(options, caddyJson(plan));
  if (findings === null) return;
  const title = `drift: Caddy of ${read.definition.environment}`;
  await tellFindings({ command: "drift", title, time: new Date().toISOString(), findings }, options);
}

function refusal({
  place,
  code,
  message,
  fix,
}: {
  readonly place: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}): Finding {
  return { group: "export", name: place, state: "failed", code, detail: message, fix, ms: 0 };
}

async function compared(
  options: DriftCaddyOptions,
  exported: Readonly<Record<string, unknown>>,
): Promise<readonly Finding[] | null> {
  const running = await runningConfiguration(options);
  if (typeof running === "string") {
    const fix = "name its admin API with --admin, or its configuration with --running";
    process.stderr.write(`${problem(running, "caddy-unread", fix)}\n`);
    process.exitCode = 1;
    return null;
  }
  const { differences, same, others } = compareRunning(exported, running);
  return [
    ...same.map((host): Finding => ({
      group: "routes",
      name: host,
      state: "passed",
      code: "drift-none",
      detail: "",
      fix: null,
      ms: 0,
    })),
    ...differences.map(different),
    ...others.map((host): Finding => ({
      group: "routes",
      name: host,
      state: "warned",
      code: "drift-other-host",
      detail: "Caddy serves it, and the definition does not have it",
      fix: null,
      ms: 0,
    })),
  ];
}

function different({ host, place, expected, actual }: CaddyDifference): Finding {
  const detail = `${place === "" ? "" : `${place}: `}it runs ${shown(actual)}, exported is ${shown(expected)}`;
  const fix = "sallyport export caddy writes what it should run; caddy reload takes it over";
  return { group: "routes", name: host, state: "failed", code: "drift-caddy", detail, fix, ms: 0 };
}

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** @returns what went wrong, in words */
async function runningConfiguration({
  admin,
  running,
}: DriftCaddyOptions): Promise<Readonly<Record<string, unknown>> | string> {
  try {
    const text =
      running === undefined ? await asked(new URL("/config/", admin)) : await readFile(resolve(running), "utf8");
    const config: unknown = JSON.parse(text);
    return typeof config === "object" && config !== null
      ? (config as Readonly<Record<string, unknown>>)
      : "it runs nothing";
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    return `what Caddy runs cannot be read: ${cause?.code ?? message}`;
  }
}

async function asked(url: URL): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs), redirect: "error" });
  if (!response.ok) throw new Error(`its admin API answers ${response.status}`);
  const text = await response.text();
  if (text.length > mostBytes) throw new Error(`it is larger than ${mostBytes} bytes`);
  return text;
}
