import { Command, Option } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { pathPart } from "#cli/subscriptions.ts";

type Options = AdminOptions & JsonOption & { readonly slot: "primary" | "secondary" };

export function regenerateCommand(): Command {
  const examples =
    "  sallyport keys regenerate team-c                     the secondary one; move the clients to it\n  sallyport keys regenerate team-c --slot primary      then this one: never a moment without a key";
  return adminCommand(new Command("regenerate"), examples)
    .description("make a new key for one slot; the old one ends at once, the other slot's goes on")
    .argument("<subscription>", "its name")
    .addOption(new Option("--slot <slot>", "which of the two").choices(["primary", "secondary"]).default("secondary"))
    .action((name: string, options: Options) =>
      reporting(async () => {
        const path = `/subscriptions/${pathPart(name)}/regenerate-key?slot=${options.slot}`;
        const reply = await askGateway(options, "POST", path);
        const { key } = bodyOf<{ readonly key: string }>(reply);
        print(
          options,
          reply.text,
          `${options.slot} key: ${key}\nkeep it now: it is stored nowhere and not shown again\n`,
        );
      }),
    );
}
