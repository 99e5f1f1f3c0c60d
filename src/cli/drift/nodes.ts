import { resolve } from "node:path";
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { reporting } from "#cli/admin/command.ts";
import { AdminFailure, type AdminOptions, withAdminOptions } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { readSide, type Side, SideFailure } from "#cli/comparison/side.ts";
import { readToday } from "#cli/comparison/today.ts";
import { type DefinitionOptions, report, withDefinitionOptions } from "#cli/definition-options.ts";
import { withExitCodes } from "#cli/exit-codes.ts";
import { type FindingOutput, tellFindings, withFindingOutput } from "#cli/findings/output.ts";
import { compareDefinitions } from "#compile/comparison/compare.ts";
import type { Difference } from "#compile/comparison/difference.ts";
import type { Finding } from "#model/finding.ts";

interface NodesOptions extends DefinitionOptions, AdminOptions, FindingOutput {
  readonly node: readonly URL[];
}

/** `sallyport drift nodes`: whether each running gateway runs what is declared. */
export function driftNodesCommand(): Command {
  const command = withFindingOutput(withAdminOptions(withDefinitionOptions(new Command("nodes"))))
    .description("running gateways: compare what each runs with the definition, by what it means")
    .option("--node <url>", "the admin API of one of several (repeatable); the token is as for --admin-url", node, [])
    .addHelpText(
      "after",
      `
What is compared is what both mean: spelling, comments and order of keys do not count, and no secret is read.

Examples:
  sallyport drift nodes --env prod
  sallyport drift nodes --env prod --node https://gw-1:9443 --node https://gw-2:9443 --junit drift.xml`,
    )
    .action((options: NodesOptions) => reporting(() => driftNodes(options)));
  return withExitCodes(command, "0 nothing differs, 1 something does, or a node does not answer, 2 wrong usage.");
}

function node(text: string, before: readonly URL[]): readonly URL[] {
  const url = URL.parse(text);
  if (url?.protocol !== "https:") throw new AdminFailure(`${text} is not https://host:port`, 2);
  return [...before, url];
}

async function driftNodes(options: NodesOptions): Promise<void> {
  const declared = await readDeclared(options);
  if (declared === null) return;
  const nodes: readonly AdminOptions[] =
    options.node.length === 0 ? [options] : options.node.map((adminUrl) => ({ ...options, adminUrl }));
  const all = nodes.map((one) => nodeFindings(one, options, declared));
  const findings = (await withProgress("asking", Promise.all(all))).flat();
  const title = `drift: nodes of ${declared.definition.environment}`;
  await tellFindings({ command: "drift", title, time: new Date().toISOString(), findings }, options);
}

async function readDeclared({ config, env, set, json }: NodesOptions): Promise<Side | null> {
  try {
    return await readSide({ file: resolve(config), environment: env, readFile, ...(set === undefined ? {} : { set }) });
  } catch (error) {
    if (!(error instanceof SideFailure)) throw error;
    report(error, json);
    process.exitCode = 1;
    return null;
  }
}

async function nodeFindings(
  admin: AdminOptions,
  { config, env }: NodesOptions,
  declared: Side,
): Promise<readonly Finding[]> {
  const group = admin.adminUrl?.host ?? "this machine";
  const started = performance.now();
  try {
    const options = { ...admin, config, ...(env === undefined ? {} : { to: env }) };
    const { side, source } = await readToday(declared.definition.environment, options);
    const ms = performance.now() - started;
    const found = compareDefinitions(side.definition, declared.definition);
    const same: Finding = { group, name: source, ms, state: "passed", code: "drift-none", detail: "", fix: null };
    return found.length === 0 ? [same] : found.map((one) => ({ group, ms, ...differing(one) }));
  } catch (error) {
    if (!(error instanceof AdminFailure || error instanceof SideFailure)) throw error;
    const [detail = "", fix = null] = (error.message || "what it runs cannot be read here").split("\n  fix: ");
    return [{ group, name: "what it runs", ms: 0, state: "failed", code: "drift-unread", detail, fix }];
  }
}

function differing({ group, entry, place, before, after }: Difference): Omit<Finding, "group" | "ms"> {
  const name = `${entry.kind} ${entry.name}${place === "" ? "" : ` ${place}`}`;
  const detail = `it runs ${shown(before)}, declared is ${shown(after)}`;
  const fix = "sallyport config apply puts the definition in force; sallyport promote says first what that changes";
  return { name, state: "failed", code: `drift-${group}`, detail, fix };
}

const mostCharacters = 200;

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}
