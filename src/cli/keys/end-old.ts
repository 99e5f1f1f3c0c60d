import { Command } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";
import { keyLines, type ShownKeys } from "./key-lines.ts";

const examples = `  sallyport report old-keys           who uses them still
  sallyport keys end-old team-c       nobody: they end before their time`;

export function endOldCommand(): Command {
  return adminCommand(new Command("end-old"), examples)
    .description("end the old keys of a subscription now; the keys of its slots stay")
    .argument("<subscription>", "its name")
    .action((name: string, options: AdminOptions & JsonOption) =>
      reporting(async () => {
        const reply = await askGateway(options, "POST", `/subscriptions/${pathPart(name)}/end-old-keys`);
        print(options, reply.text, keyLines(bodyOf<ShownKeys>(reply)));
      }),
    );
}
