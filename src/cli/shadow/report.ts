import { Command } from "commander";
import { bodyOf } from "#cli/admin/answers.ts";
import { adminCommand, type JsonOption, print, reporting } from "#cli/admin/command.ts";
import { type AdminOptions, askGateway } from "#cli/admin/connection.ts";
import { table } from "#cli/table.ts";
import type { DifferenceKind } from "#shadow/difference.ts";
import { explain } from "#shadow/explain.ts";

type Options = AdminOptions & JsonOption & { readonly clear: boolean };

interface Report {
  readonly since: string;
  readonly apis: readonly {
    readonly api: string;
    readonly same: number;
    readonly different: number;
    readonly unanswered: number;
    readonly skipped: number;
  }[];
  readonly differences: readonly {
    readonly api: string;
    readonly operation: string;
    readonly kind: DifferenceKind;
    readonly place: string;
    readonly old: string;
    readonly new: string;
    readonly count: number;
    readonly lastAt: string;
    readonly example: string;
  }[];
  readonly dropped: number;
}

/** `sallyport shadow report`: what a running gateway has found while it asked the old one as well. */
export function reportCommand(): Command {
  const examples =
    "  sallyport shadow report\n  sallyport shadow report --json | jq .differences\n  sallyport shadow report --clear";
  return adminCommand(new Command("report"), examples)
    .description("how answers of the old gateway differ from those of the running one, the most frequent first")
    .option("--clear", "begin to add up anew", false)
    .action((options: Options) =>
      reporting(async () => {
        const reply = await askGateway(options, options.clear ? "DELETE" : "GET", "/shadow");
        print(options, reply.text, `${lines(bodyOf<Report>(reply)).join("\n")}\n`);
      }),
    );
}

function lines({ since, apis, differences, dropped }: Report): readonly string[] {
  const counted = apis.map(({ api, same, different, unanswered, skipped }) =>
    [api, same, different, unanswered, skipped].map(String),
  );
  const told = differences.flatMap(({ api, operation, count, example, new: fresh, ...difference }) => {
    const { text, fix } = explain({ ...difference, fresh });
    const head = `${api} ${operation}: ${text} (${count} times, last ${difference.lastAt}, ${example})`;
    return fix === null ? [head] : [head, `  fix: ${fix}`];
  });
  return [
    `since ${since}`,
    ...table(["API", "SAME", "DIFFERENT", "UNANSWERED", "SKIPPED"], counted),
    ...(told.length === 0 ? [] : ["", ...told]),
    ...(dropped === 0 ? [] : ["", `${dropped} more differences of other kinds were not kept`]),
  ];
}
