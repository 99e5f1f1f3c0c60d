import { Command } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { keyLines, type ShownKeys } from "./key-lines.ts";

const examples = `  sallyport keys status team-c
  sallyport keys status team-c --json | jq '.keys[] | select(.state == "old")'`;

export function statusCommand(): Command {
  return adminCommand(new Command("status"), examples)
    .description("show the keys of a subscription: their schedule, when they are due or end, when they were last used")
    .argument("<subscription>", "its name")
    .action((name: string, options: AdminOptions & JsonOption) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", `/subscriptions/${pathPart(name)}/keys`);
        print(options, reply.text, keyLines(bodyOf<ShownKeys>(reply)));
      }),
    );
}
