import { Command } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { wholeNumber } from "#cli/numbers.ts";
import { table } from "#cli/table.ts";

interface Options extends AdminOptions, JsonOption {
  readonly days: number;
  readonly top: number;
}

interface ReportedKey {
  readonly subscription: string;
  readonly slot: string;
  readonly scope: string;
  readonly owner: string | null;
  readonly ageDays: number;
  readonly usedAt: string | null;
  readonly watchedFrom: string;
  /** Of keys that are due; null: no schedule says it. */
  readonly dueAt?: string | null;
}

export function unusedKeys(): Command {
  const about =
    "keys of active subscriptions that were not used for so many days; keys that are not watched as long are left out";
  return keyReport("unused-keys", about, 30);
}

export function dueKeys(): Command {
  const about =
    "keys of active subscriptions that are due for rotation, or soon: by their schedule, else made more than so many days ago";
  return keyReport("keys-due", about, 90);
}

function keyReport(name: string, about: string, usualDays: number): Command {
  const examples = `  sallyport report ${name}\n  sallyport report ${name} --days 180 --json`;
  return adminCommand(new Command(name), examples)
    .description(about)
    .option("--days <n>", "how many", wholeNumber(1, 3650), usualDays)
    .option("--top <n>", "how many rows", wholeNumber(1, 1000), 100)
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/reports/${name}?days=${options.days}&top=${options.top}`);
        const { keys } = bodyOf<{ readonly keys: readonly ReportedKey[] }>(reply);
        print(options, reply.text, `${linesOf(keys).join("\n")}\n`);
      }),
    );
}

function linesOf(keys: readonly ReportedKey[]): readonly string[] {
  if (keys.length === 0) return ["none"];
  const rows = keys.map(({ subscription, slot, scope, owner, ageDays, usedAt, watchedFrom, dueAt }) => [
    subscription,
    slot,
    scope,
    owner ?? "-",
    `${ageDays} days`,
    usedAt ?? `not since ${watchedFrom.slice(0, 10)}`,
    ...(dueAt === undefined ? [] : [dueAt?.slice(0, 10) ?? "-"]),
  ]);
  const due = keys.some(({ dueAt }) => dueAt !== undefined) ? ["DUE"] : [];
  return table(["SUBSCRIPTION", "KEY", "SCOPE", "OWNER", "AGE", "LAST USED", ...due], rows);
}
