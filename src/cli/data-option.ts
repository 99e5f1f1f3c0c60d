import { join } from "node:path";
import type { Command } from "commander";

export interface DataOption {
  readonly data: string;
}

/** Option of every command that reads or writes what a gateway keeps on disk. */
export function withDataOption(command: Command): Command {
  return command.option(
    "-d, --data <folder>",
    "the gateway's data folder",
    process.env["SALLYPORT_DATA"] ?? ".sallyport",
  );
}

export function auditFolder({ data }: DataOption): string {
  return join(data, "audit");
}
