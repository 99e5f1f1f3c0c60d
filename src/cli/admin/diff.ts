import { Command } from "commander";
import { adminCommand, type JsonOption } from "./command.ts";
import { AdminFailure, type AdminOptions } from "./connection.ts";
import { readLocal } from "./local-files.ts";
import { readConfiguration } from "./read.ts";
import { diffFiles, type Files } from "./text-diff.ts";

/** As diff(1) ends: 0 the same, 1 different, 2 trouble. */
export function diffCommand(): Command {
  const examples =
    "  sallyport config diff sallyport.yaml      from what is in force to this file\n  sallyport config diff 12                  from entry 12 to what is in force\n  sallyport config diff 12 14";
  return adminCommand(new Command("diff"), examples)
    .description("show what differs between two configurations; ends with 0 when nothing does, 1 when something does")
    .argument("<one>", "a file, or a number of the history")
    .argument("[other]", "the same; what is in force when absent")
    .action(async (one: string, other: string | undefined, options: AdminOptions & JsonOption) => {
      try {
        const text = await compare(one, other, options);
        process.stdout.write(options.json ? `${JSON.stringify({ differs: text !== "", diff: text })}\n` : text);
        process.exitCode = text === "" ? 0 : 1;
      } catch (error) {
        if (!(error instanceof AdminFailure)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 2;
      }
    });
}

async function compare(one: string, other: string | undefined, options: AdminOptions): Promise<string> {
  const current = await readConfiguration(options);
  const filesOf = async (name: string): Promise<Files> => {
    if (/^[1-9]\d{0,8}$/.test(name)) return (await readConfiguration(options, Number(name))).files;
    return (await readLocal(name, current)).files;
  };
  const first = await filesOf(one);
  if (other !== undefined) return diffFiles(first, await filesOf(other));
  return /^\d+$/.test(one) ? diffFiles(first, current.files) : diffFiles(current.files, first);
}
