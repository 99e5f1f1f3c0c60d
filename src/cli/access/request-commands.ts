import { Command, InvalidArgumentError, Option } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { table } from "#cli/table.ts";
import { type AccessRow, describeRequest, requestTable } from "./describe-request.ts";

type Options = AdminOptions & JsonOption;

interface AskOptions extends Options {
  readonly reason: string;
  readonly duration: number;
}

/** `1h`, `90m`, `2d`, as seconds. @throws InvalidArgumentError */
export function seconds(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined || unit === undefined)
    throw new InvalidArgumentError("It takes a time such as 90m, 8h or 2d.");
  return Number(count) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? 1);
}

export function json(body: object): { readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

function asking(name: string, path: string, about: string, example: string): Command {
  return adminCommand(new Command(name), example)
    .description(about)
    .argument("<approval>", "name of the approval")
    .requiredOption("--reason <text>", "why: approvers and the record read it")
    .addOption(new Option("--duration <time>", "for how long").argParser(seconds).default(3600, "1h"))
    .action((approval: string, options: AskOptions) =>
      reporting(async () => {
        const { reason, duration: durationSeconds } = options;
        const reply = await askGateway(options, "POST", path, json({ approval, reason, durationSeconds }));
        print(options, reply.text, describeRequest(bodyOf<AccessRow>(reply)));
      }),
    );
}

export function requestCommand(): Command {
  const example = '  sallyport access request payroll-admin --reason "month end" --duration 2h';
  return asking("request", "/access/requests", "ask for an approval, for a reason and a time", example);
}

export function breakGlassCommand(): Command {
  const example =
    '  sallyport access break-glass payroll-admin --reason "the payroll run of today hangs" --duration 30m';
  const about = "take an approval in an emergency, without an approver: everybody is told";
  return asking("break-glass", "/access/break-glass", about, example);
}

interface ListOptions extends Options {
  readonly state?: string;
  readonly waiting: boolean;
}

const states = ["pending", "active", "rejected", "withdrawn", "lapsed", "expired", "revoked"];

export function listCommand(): Command {
  const example =
    "  sallyport access list --state pending\n  sallyport access list --waiting --json | jq -r '.requests[].id'";
  return adminCommand(new Command("list"), example)
    .description("show access requests, the newest first: your own, or everybody's for viewers")
    .addOption(new Option("--state <state>", "those in this state").choices(states))
    .option("--waiting", "those that wait for your word", false)
    .action((options: ListOptions) =>
      reporting(async () => {
        const { state, waiting } = options;
        const path = waiting ? "/access/waiting" : `/access/requests${state === undefined ? "" : `?state=${state}`}`;
        const reply = await askGateway(options, "GET", path);
        print(options, reply.text, requestTable(bodyOf<{ readonly requests: readonly AccessRow[] }>(reply).requests));
      }),
    );
}

export function showCommand(): Command {
  return adminCommand(new Command("show"), "  sallyport access show 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11")
    .description("show one access request with all its steps: who, when, why")
    .argument("<id>", "the request's id")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/access/requests/${pathPart(id)}`);
        print(options, reply.text, describeRequest(bodyOf<AccessRow>(reply)));
      }),
    );
}

export function decideCommand(step: "approve" | "reject" | "withdraw" | "revoke", about: string): Command {
  const example = `  sallyport access ${step} 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11 --comment "ticket 4711"`;
  return adminCommand(new Command(step), example)
    .description(about)
    .argument("<id>", "the request's id")
    .option("--comment <text>", "why: kept with the step")
    .action((id: string, options: Options & { readonly comment?: string }) =>
      reporting(async () => {
        const { comment } = options;
        const query = comment === undefined ? "" : `?comment=${encodeURIComponent(comment)}`;
        const reply = await askGateway(options, "POST", `/access/requests/${pathPart(id)}/${step}${query}`);
        print(options, reply.text, describeRequest(bodyOf<AccessRow>(reply)));
      }),
    );
}

interface ApprovalRow {
  readonly name: string;
  readonly description: string;
  readonly opens: readonly string[];
  readonly maxDurationSeconds: number;
  readonly mayAsk: boolean;
}

export function approvalsCommand(): Command {
  return adminCommand(new Command("approvals"), "  sallyport access approvals")
    .description("show the approvals that there are, and what each opens")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/access/approvals");
        const { approvals } = bodyOf<{ readonly approvals: readonly ApprovalRow[] }>(reply);
        const rows = approvals.map(({ name, opens, maxDurationSeconds, mayAsk, description }) => [
          name,
          opens.join(", "),
          `${Math.floor(maxDurationSeconds / 60)} min`,
          mayAsk ? "yes" : "no",
          description,
        ]);
        print(
          options,
          reply.text,
          `${table(["NAME", "OPENS", "AT MOST", "FOR YOU", "DESCRIPTION"], rows).join("\n")}\n`,
        );
      }),
    );
}
