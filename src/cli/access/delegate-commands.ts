import { Command, Option } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { table } from "#cli/table.ts";
import { json, seconds } from "./request-commands.ts";

interface DelegateOptions extends AdminOptions, JsonOption {
  readonly approval?: string;
  readonly duration: number;
}

interface DelegationRow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly approval: string | null;
  readonly endsAt: string;
}

export function delegateCommand(): Command {
  const example =
    "  sallyport access delegate 'https://login.example.com/||dora' --duration 7d --approval payroll-admin";
  return adminCommand(new Command("delegate"), example)
    .description("let somebody else decide in your place for a while")
    .argument("<principal>", "id of the other: issuer|tenant|subject")
    .addOption(new Option("--duration <time>", "for how long").argParser(seconds).default(86_400, "1d"))
    .option("--approval <name>", "about this approval alone")
    .action((to: string, options: DelegateOptions) =>
      reporting(async () => {
        const { approval = null, duration: durationSeconds } = options;
        const reply = await askGateway(options, "POST", "/access/delegations", json({ to, approval, durationSeconds }));
        const { id, endsAt } = bodyOf<DelegationRow>(reply);
        print(options, reply.text, `delegation ${id}: ${to} decides in your place until ${endsAt}\n`);
      }),
    );
}

export function delegationsCommand(): Command {
  return adminCommand(new Command("delegations"), "  sallyport access delegations")
    .description("show the delegations in force that you have made or were given")
    .action((options: AdminOptions & JsonOption) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/access/delegations");
        const { delegations } = bodyOf<{ readonly delegations: readonly DelegationRow[] }>(reply);
        const rows = delegations.map(({ id, from, to, approval, endsAt }) => [id, from, to, approval ?? "all", endsAt]);
        print(options, reply.text, `${table(["ID", "FROM", "TO", "APPROVAL", "ENDS"], rows).join("\n")}\n`);
      }),
    );
}

export function endDelegationCommand(): Command {
  return adminCommand(
    new Command("end-delegation"),
    "  sallyport access end-delegation 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11",
  )
    .description("end a delegation that you have made")
    .argument("<id>", "the delegation's id")
    .action((id: string, options: AdminOptions & JsonOption) =>
      reporting(async () => {
        const reply = await askGateway(options, "DELETE", `/access/delegations/${pathPart(id)}`);
        print(options, reply.text, `delegation ${id} to ${bodyOf<DelegationRow>(reply).to} is ended\n`);
      }),
    );
}
