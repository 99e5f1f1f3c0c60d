import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "commander";
import { orders } from "#analytics/question.ts";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, type AdminReply, askGateway } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { isColored } from "#cli/terminal.ts";
import type { ShownAnswer } from "./answer.ts";
import { dimensionList, durationText, filter, type RangeOptions, rangeQuery, secondsOf, withRange } from "./options.ts";
import { renderStats } from "./render.ts";
import { stepOf } from "./steps.ts";

interface Options extends AdminOptions, JsonOption, RangeOptions {
  readonly by: readonly string[];
  readonly where: Readonly<Record<string, string>>;
  readonly order: string;
  readonly step?: string;
  readonly watch: boolean;
}

const usual = "1h";
/** As often as the workers tell what they have counted. */
const watchMs = 5000;
const clear = "\u001b[2J\u001b[H";

const examples = `  sallyport stats
  sallyport stats --last 24h --by api,operation --order p95
  sallyport stats --by subscription --where status=4xx,5xx --top 5
  sallyport stats --from 2026-11-26T00:00Z --to 2026-11-27T00:00Z --by status --json
  sallyport stats --last 15m --watch`;

/** `sallyport stats`: what goes through the gateway, as a table. */
export function statsCommand(): Command {
  const command = withRange(adminCommand(new Command("stats"), examples), usual)
    .description("show calls, refusals, errors, times and bytes, counted by minute; new counts come every 5 seconds")
    .option("--by <names>", "a row for each value of these, with commas between; - for all in one", byText, ["api"])
    .option("--where <name=value>", "only these values; repeat for more names", filter, {})
    .addOption(new Option("--order <measure>", "what the first are the first by").choices([...orders]).default("calls"))
    .option("--step <duration>", "the time of one point of the trend, such as 5m", durationText)
    .option("--watch", "show it again every 5 seconds, until it is stopped", false);
  return command.action((options: Options) => reporting(() => (options.watch ? watch(options) : once(options))));
}

function byText(text: string): readonly string[] {
  return text === "-" ? [] : dimensionList(text);
}

async function once(options: Options): Promise<void> {
  show(options, await withProgress("adding up", ask(options)));
}

/** Ends with the signal that ends the process. */
async function watch(options: Options): Promise<void> {
  for (;;) {
    const reply = await ask(options);
    if (process.stdout.isTTY && !options.json) process.stdout.write(clear);
    show(options, reply);
    await waitShown();
  }
}

async function waitShown(): Promise<void> {
  const { stderr } = process;
  for (let left = watchMs / 1000; left > 0; left -= 1) {
    if (stderr.isTTY) stderr.write(`\ragain in ${left} s (Ctrl-C ends) `);
    await sleep(1000);
  }
}

function ask(options: Options): Promise<AdminReply> {
  const query = rangeQuery(options);
  if (options.by.length > 0) query.set("by", options.by.join(","));
  for (const [name, value] of Object.entries(options.where)) query.set(name, value);
  query.set("order", options.order);
  query.set("step", options.step ?? stepOf(secondsOf(options, usual, Date.now())));
  return askGateway(options, "GET", `/analytics?${query}`);
}

function show(options: Options, reply: AdminReply): void {
  const answer = bodyOf<ShownAnswer>(reply);
  print(options, reply.text, renderStats(answer, { by: options.by, isColored: isColored(process.stdout) }));
}
