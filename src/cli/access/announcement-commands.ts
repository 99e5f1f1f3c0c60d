import { Command, Option } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { table } from "#cli/table.ts";

type Options = AdminOptions & JsonOption;

interface AnnouncementRow {
  readonly id: string;
  readonly channel: string;
  readonly receiver: string;
  readonly subject: string;
  readonly state: string;
  readonly tries: number;
  readonly nextTry: string | null;
  readonly why: string;
}

export function announcementsCommand(): Command {
  const example =
    "  sallyport access announcements --state dead\n  sallyport access announcements --json | jq -r '.announcements[].why'";
  return adminCommand(new Command("announcements"), example)
    .description("show messages about access requests and keys that are not sent yet, or were given up; the oldest 100")
    .addOption(new Option("--state <state>", "those in this state").choices(["waiting", "dead"]))
    .action((options: Options & { readonly state?: string }) =>
      reporting(async () => {
        const { state } = options;
        const query = state === undefined ? "" : `?state=${state}`;
        const reply = await askGateway(options, "GET", `/access/announcements${query}`);
        const { announcements } = bodyOf<{ readonly announcements: readonly AnnouncementRow[] }>(reply);
        const rows = announcements.map((one) => [
          one.id,
          one.state,
          `${one.channel} ${one.receiver}`,
          one.subject,
          String(one.tries),
          one.nextTry ?? "",
          one.why,
        ]);
        const heads = ["ID", "STATE", "TO", "ABOUT", "TRIES", "NEXT TRY", "WHY NOT"];
        print(options, reply.text, `${table(heads, rows).join("\n")}\n`);
      }),
    );
}

export function resendCommand(): Command {
  return adminCommand(new Command("resend"), "  sallyport access resend 0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11")
    .description("send a message anew that was given up")
    .argument("<id>", "the message's id, as `access announcements` shows it")
    .action((id: string, options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "POST", `/access/announcements/${pathPart(id)}/resend`);
        const { channel, receiver } = bodyOf<AnnouncementRow>(reply);
        print(options, reply.text, `message ${id} is sent to ${channel} ${receiver} again\n`);
      }),
    );
}
