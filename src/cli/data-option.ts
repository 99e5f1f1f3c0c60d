import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { problem } from "./failure.ts";

export interface DataOption {
  readonly data: string;
}

/** Option of every command that reads or writes what a gateway keeps on disk. */
export function withDataOption(command: Command): Command {
  return command.addOption(
    new Option("-d, --data <folder>", "the gateway's data folder").env("SALLYPORT_DATA").default(".sallyport"),
  );
}

export interface KekOption {
  readonly kek?: string;
}

/** Option of every command that opens secrets of the data folder. Never the key itself: others see the command line. */
export function withKekOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--kek <place>",
      "where the key-encryption key is: file:/path, env:NAME, credential:NAME or key-vault:URL (default: systemd's credential sallyport-kek, else this user's own file)",
    ).env("SALLYPORT_KEK"),
  );
}

/**
 * The folder of the record. Nothing found in a folder that is not there would read like good news, so it is a
 * failure: said on standard error, with exit code 1.
 */
export function auditFolder({ data }: DataOption): string | undefined {
  const folder = join(data, "audit");
  if (existsSync(folder)) return folder;
  const fix = "name the data folder that the gateway runs with: --data <folder>";
  process.stderr.write(`${problem(`there is no record in ${folder}`, "record-missing", fix)}\n`);
  process.exitCode = 1;
  return undefined;
}
