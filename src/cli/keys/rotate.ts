import { Command, Option } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import type { AdminOptions } from "#cli/admin/connection.ts";
import { checkedDuration } from "#cli/time-range.ts";
import { askToRotate, type Rotated, rotateAllDue } from "./rotate-due.ts";

interface Options extends AdminOptions, JsonOption {
  readonly slot?: "primary" | "secondary";
  readonly emergency: boolean;
  readonly grace?: string;
  readonly due: boolean;
}

const examples = `  sallyport keys rotate team-c                     a new key in the older one's place, which goes on for its grace
  sallyport keys rotate team-c --slot primary --grace 7d
  sallyport keys rotate team-c --emergency         both keys anew, all others refused at once
  sallyport keys rotate team-c --json | jq -r '.keys[0].key'
  sallyport keys rotate --due --json               of every subscription whose schedule asks for it`;

export function rotateCommand(): Command {
  return adminCommand(new Command("rotate"), examples)
    .description("make a new key; the one before goes on for a while, so that clients can move to the new one")
    .argument("[subscription]", "its name")
    .addOption(
      new Option("--slot <slot>", "this one (default: the older one's; in an emergency both)").choices([
        "primary",
        "secondary",
      ]),
    )
    .addOption(
      new Option("--grace <duration>", "how long the one before goes on (default: as its schedule says, else 14d)")
        .argParser(graceText)
        .conflicts("emergency"),
    )
    .option("--emergency", "a key is in wrong hands: those before end at once", false)
    .addOption(
      new Option("--due", "instead of a name: one key of every subscription that has one which is due, or soon")
        .default(false)
        .conflicts(["slot", "emergency"]),
    )
    .action((name: string | undefined, options: Options, command: Command) =>
      reporting(async () => {
        if ((name === undefined) !== options.due)
          command.error("error: name a subscription, or say --due.", { exitCode: 2 });
        if (name === undefined) return rotateDue(options);
        const reply = await askToRotate(options, name, queryOf(options));
        print(options, reply.text, textOf(bodyOf<Rotated>(reply)));
      }),
    );
}

/** What was made is shown, also when it breaks off: nobody could show it again. */
async function rotateDue(options: Options): Promise<void> {
  const rotated: Rotated[] = [];
  try {
    for await (const one of rotateAllDue(options, queryOf(options))) rotated.push(one);
  } finally {
    const text = rotated.map((one) => `${one.name}\n${textOf(one)}`).join("\n");
    print(options, `${JSON.stringify({ rotated }, null, 2)}\n`, text === "" ? "none is due\n" : text);
  }
}

function graceText(text: string): string {
  return text === "0" ? text : checkedDuration(text);
}

function queryOf({ slot, grace, emergency }: Options): string {
  const query = new URLSearchParams();
  if (slot !== undefined) query.set("slot", slot);
  if (grace !== undefined) query.set("grace", grace);
  if (emergency) query.set("emergency", "true");
  return query.size === 0 ? "" : `?${query.toString()}`;
}

function textOf({ keys, oldEndAt }: Rotated): string {
  const lines = keys.map(({ slot, key }) => `${`${slot} key:`.padEnd(15)}${key}`);
  const one = keys.length === 1;
  const old =
    oldEndAt === null
      ? `the key${one ? "" : "s"} before ${one ? "is" : "are"} refused from now on`
      : `the key before goes on until ${oldEndAt}: sallyport report old-keys says who uses it`;
  const keep = one ? "keep it now: it is" : "keep them now: they are";
  return `${lines.join("\n")}\n${keep} stored nowhere and not shown again\n${old}\n`;
}
