import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Command } from "commander";
import { leaveEvent } from "#app/left-events.ts";
import { factsOf } from "#app/backup/manifest.ts";
import { writeBackup } from "#app/backup/write-backup.ts";
import { type DataOption, withDataOption } from "./data-option.ts";
import { problem } from "./failure.ts";

interface BackupCliOptions extends DataOption {
  readonly audit: boolean;
  readonly json: boolean;
}

/** `sallyport backup`: the data folder and the definition in one file. */
export function backupCommand(): Command {
  return withDataOption(new Command("backup"))
    .description("write the data folder and the definition in force into one file, also while the gateway runs")
    .argument("<file>", "the file to make: a gzipped tar")
    .option("--no-audit", "leave the record out")
    .option("--json", "print what was written as JSON", false)
    .addHelpText(
      "after",
      `
The definition that is in force is in it, with its documents, and none of the secrets that it names. The key-encryption
key is not in it, and not needed for it: keep that elsewhere.

Examples:
  sallyport backup /backups/sallyport-$(date +%F).tar.gz --data /var/lib/sallyport
  sallyport backup small.tar.gz --no-audit`,
    )
    .action(async (file: string, { data, audit, json }: BackupCliOptions) => {
      const target = resolve(file);
      if (existsSync(target)) {
        process.stderr.write(`${problem(`${file} is there already`, "file-exists", "remove it, or name another")}\n`);
        process.exitCode = 1;
        return;
      }
      const clock = { now: () => Date.now() };
      const random = { bytes: (count: number) => randomBytes(count) };
      const manifest = await writeBackup({ dataPath: resolve(data), target, audit, clock, random });
      const { files, definition, keyEncryptionKeys } = manifest;
      const bytes = files.reduce((sum, { size }) => sum + size, 0);
      await leaveEvent(resolve(data), { event: "backup.made", details: { files: files.length, bytes } });
      const keys = keyEncryptionKeys.join(", ");
      const texts = definition === null ? "no definition" : `the definition (${definition.files.length} files)`;
      const line = `wrote ${files.length} files, ${bytes} bytes, and ${texts} to ${file}; its secrets open with the key-encryption key ${keys}`;
      process.stdout.write(`${json ? JSON.stringify({ file: target, bytes, ...factsOf(manifest) }) : line}\n`);
    });
}
