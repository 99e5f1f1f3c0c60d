import { Command } from "commander";
import type { TargetState, UpstreamStates } from "#admin/ports.ts";
import { bodyOf } from "./admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "./admin/command.ts";
import { type AdminOptions, askGateway } from "./admin/connection.ts";
import { table } from "./table.ts";

type Options = AdminOptions & JsonOption;

/** `sallyport upstreams`: where requests go, and which of these places are well. */
export function upstreamsCommand(): Command {
  const examples =
    "  sallyport upstreams\n  sallyport upstreams --json | jq '.upstreams[].targets[] | select(.conditions.up == null)'";
  return adminCommand(new Command("upstreams"), examples)
    .description("show each backend's targets of a running gateway, and how its workers find them")
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, "GET", "/upstreams");
        const states = bodyOf<UpstreamStates>(reply);
        print(options, reply.text, describe(states));
        if (states.upstreams.some(({ targets }) => targets.length > 0 && !targets.some(isUp))) process.exitCode = 1;
      }),
    )
    .addHelpText("after", "\nIt also exits with 1 when no worker finds any target of a backend up.");
}

function describe({ workers: { asked, answered }, upstreams }: UpstreamStates): string {
  const rows = upstreams.flatMap(({ backend, targets, checked }) => {
    if (targets.length === 0) return [[backend, "none", "-", "-", "-", "-", yesNo(checked)]];
    return targets.map((one) => [
      backend,
      one.target,
      condition(one),
      String(one.active),
      String(one.weight),
      String(one.priority),
      yesNo(checked),
    ]);
  });
  const lines = table(["BACKEND", "TARGET", "CONDITION", "ACTIVE", "WEIGHT", "PRIORITY", "CHECKED"], rows);
  const silent = asked === answered ? [] : ["", `${asked - answered} of ${asked} workers did not answer in time`];
  return `${[...lines, ...silent].join("\n")}\n`;
}

/** `up`, or where the workers differ `up (3), ejected (1)`. */
function condition({ conditions }: TargetState): string {
  const all = Object.entries(conditions);
  return all.length === 1 ? (all[0]?.[0] ?? "") : all.map(([name, count]) => `${name} (${count})`).join(", ");
}

function isUp({ conditions }: TargetState): boolean {
  return (conditions.up ?? 0) > 0;
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}
