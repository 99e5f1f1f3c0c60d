import { Command } from "commander";
import type { AgentReach } from "#analytics/reports.ts";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import type { ShownAnswer, ShownGroup } from "#cli/stats/answer.ts";
import { type RangeOptions, rangeQuery, withRange } from "#cli/stats/options.ts";
import { valueText } from "#cli/stats/render.ts";
import { bytesText, countText, timeText } from "#cli/stats/units.ts";
import { table } from "#cli/table.ts";

type Options = AdminOptions & JsonOption & RangeOptions;

/** What the gateway takes when nothing is said. */
const usual = "7d";

export function topDeniedReport(): Command {
  return ranged("top-denied", "what was turned away most, and why", (answer: ShownAnswer) =>
    ofGroups(answer, ["DENIED", "API", "OPERATION", "REASON", "SUBSCRIPTION"], ({ by, denied }) => [
      countText(denied),
      ...[by.api, by.operation, by.reason, by.subscription].map(valueText),
    ]),
  );
}

export function slowestReport(): Command {
  return ranged("slowest", "operations by their 95th percentile, the slowest first", (answer: ShownAnswer) =>
    ofGroups(answer, ["P95", "P99", "MAX", "CALLS", "API", "OPERATION"], ({ by, calls, latency }) => [
      ...[latency?.p95, latency?.p99, latency?.max].map(timeText),
      countText(calls),
      ...[by.api, by.operation].map(valueText),
    ]),
  );
}

export function agentsReport(): Command {
  return ranged("agents", "AI agents by the data that they were given", ofAgents);
}

interface Ranged {
  readonly from: string;
  readonly to: string;
}

function ranged<T extends Ranged>(name: string, about: string, lines: (answer: T) => readonly string[]): Command {
  const examples = `  sallyport report ${name}\n  sallyport report ${name} --last 24h --top 5\n  sallyport report ${name} --from 2026-11-01T00:00Z --json`;
  return withRange(adminCommand(new Command(name), examples), usual)
    .description(about)
    .action((options: Options) =>
      reporting(async () => {
        const asked = askGateway(options, "GET", `/reports/${name}?${rangeQuery(options)}`);
        const reply = await withProgress("adding up", asked);
        const answer = bodyOf<T>(reply);
        print(options, reply.text, `${[...lines(answer), "", `${answer.from} to ${answer.to}`].join("\n")}\n`);
      }),
    );
}

function ofGroups(
  { groups }: ShownAnswer,
  head: readonly string[],
  row: (group: ShownGroup) => readonly string[],
): readonly string[] {
  return groups.length === 0 ? ["nothing"] : table(head, groups.map(row));
}

function ofAgents({ agents }: Ranged & { readonly agents: readonly AgentReach[] }): readonly string[] {
  if (agents.length === 0) return ["nothing"];
  const rows = agents.map(({ agent, calls, denied, bytesOut, apis, operations }) => [
    bytesText(bytesOut),
    countText(calls),
    countText(denied),
    String(operations),
    apis.join(", "),
    agent,
  ]);
  return table(["DATA", "CALLS", "DENIED", "OPERATIONS", "APIS", "AGENT"], rows);
}
