import { Command } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { withProgress } from "#cli/admin/progress.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { table } from "#cli/table.ts";

type Options = AdminOptions & JsonOption;

interface Secret {
  readonly name: string;
  readonly origin: string;
  readonly maker: string;
  readonly since: string;
  readonly dueAt: string;
  readonly stage: string;
  readonly isChanging: boolean;
  readonly oldUntil: string | null;
}

/** `sallyport secrets`: secrets that are changed by a schedule. */
export function secretsCommand(): Command {
  return new Command("secrets")
    .description("show and change secrets that have a schedule: keys that upstreams want, and others")
    .addCommand(statusCommand())
    .addCommand(rotateCommand());
}

function statusCommand(): Command {
  const examples =
    "  sallyport secrets status\n  sallyport secrets status --json | jq '.secrets[] | select(.stage == \"due\")'";
  return adminCommand(new Command("status"), examples)
    .description("show each secret with a schedule: where it is, how old, when due, who makes a new one")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/secrets");
        const rows = bodyOf<{ readonly secrets: readonly Secret[] }>(reply).secrets.map((one) => [
          one.name,
          one.origin,
          one.maker,
          one.since,
          one.dueAt,
          stateOf(one),
        ]);
        const heads = ["SECRET", "WHERE", "MADE BY", "SINCE", "DUE", "STATE"];
        print(
          options,
          reply.text,
          rows.length === 0 ? "no secret has a schedule\n" : `${table(heads, rows).join("\n")}\n`,
        );
      }),
    );
}

function stateOf({ stage, isChanging, oldUntil }: Secret): string {
  if (isChanging) return "a new one is on its way";
  if (oldUntil !== null) return `the one before until ${oldUntil}`;
  return stage === "young" ? "-" : stage === "due" ? "due" : "due soon";
}

function rotateCommand(): Command {
  const examples = `  sallyport secrets rotate orders-key
  sallyport secrets rotate orders-key --emergency`;
  return adminCommand(new Command("rotate"), examples)
    .description("make a new secret now, try it against the upstream, and use it")
    .argument("<name>", "its name in secretRotations")
    .option("--emergency", "drop the one before as soon as the new one is in use: it may be in wrong hands", false)
    .action((name: string, options: Options & { readonly emergency: boolean }) =>
      reporting(async () => {
        const query = options.emergency ? "?emergency=true" : "";
        const asked = askGateway(options, "POST", `/secrets/${pathPart(name)}/rotate${query}`);
        const reply = await withProgress(`changing ${name}`, asked);
        const { isChanging, oldUntil } = bodyOf<Secret>(reply);
        const end = oldUntil === null ? "" : `; the one before goes on until ${oldUntil}`;
        print(
          options,
          reply.text,
          isChanging ? `${name}: a new one is on its way\n` : `${name}: a new one is in use${end}\n`,
        );
      }),
    );
}
