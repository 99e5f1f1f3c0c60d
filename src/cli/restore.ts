import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Command } from "commander";
import { factsOf } from "#app/backup/manifest.ts";
import { type Restored, restoreBackup } from "#app/backup/restore-backup.ts";
import { leaveEvent } from "#app/left-events.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { type DataOption, type KekOption, withDataOption, withKekOption } from "./data-option.ts";

interface RestoreCliOptions extends DataOption, KekOption {
  readonly definition?: string;
  readonly force: boolean;
  readonly json: boolean;
}

/** `sallyport restore`: a data folder from a backup. */
export function restoreCommand(): Command {
  return withKekOption(withDataOption(new Command("restore")))
    .description("put a backup into an empty data folder; all of it is verified before anything is replaced")
    .argument("<file>", "what sallyport backup has written")
    .option("--definition <folder>", "also put the definition that was in force there, with its documents")
    .option("--force", "also into the folder of a stopped gateway: what is there is kept aside, in it", false)
    .option("--json", "print what was restored as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport restore sallyport-2026-11-26.tar.gz --data /var/lib/sallyport --kek file:/etc/sallyport.kek
  sallyport restore sallyport-2026-11-26.tar.gz --data /var/lib/sallyport --definition /etc/sallyport
  sallyport restore sallyport-2026-11-26.tar.gz --data /var/lib/sallyport --force`,
    )
    .action(async (file: string, { data, definition, kek, force, json }: RestoreCliOptions) => {
      const restored = await restoreBackup({
        file: resolve(file),
        dataPath: resolve(data),
        definitionPath: definition === undefined ? null : resolve(definition),
        kek: takeKekSource(kek, process.env),
        force,
        clock: { now: () => Date.now() },
        random: { bytes: (count) => randomBytes(count) },
      });
      const { files, madeAt, node } = restored.manifest;
      await leaveEvent(resolve(data), { event: "backup.restored", details: { files: files.length, madeAt, node } });
      process.stdout.write(`${json ? JSON.stringify(restoredFacts(restored)) : textOf(restored, data)}\n`);
    });
}

function restoredFacts({ manifest, ...more }: Restored): object {
  return { ...factsOf(manifest), ...more };
}

function textOf({ manifest, placed, aside, key, auditOk }: Restored, data: string): string {
  const { files, madeAt, node, keyEncryptionKeys } = manifest;
  const lines = [`restored ${files.length} files of ${madeAt} (${node}) to ${data}`];
  if (key === "unknown") lines.push(`the gateway needs the key-encryption key ${keyEncryptionKeys.join(", ")}: --kek`);
  if (auditOk === null) lines.push("it has no record: the gateway begins one");
  if (auditOk === false) lines.push("its record was not whole when it was backed up: see sallyport audit verify");
  lines.push(...definitionText(manifest, placed));
  if (aside !== null) lines.push(`what was there before is in ${aside}: remove it when nothing is missing`);
  return lines.join("\n");
}

function definitionText({ definition }: Restored["manifest"], placed: Restored["placed"]): readonly string[] {
  if (definition === null) return ["it holds no definition"];
  const { files, environment } = definition;
  const what = `its definition (${files.length} files, of the environment ${environment})`;
  if (placed === null) return [`${what} is in it: --definition FOLDER puts it somewhere`];
  const kept = placed.aside.map((file) => `what was there before is ${file}`);
  return [`${what} is in ${placed.file}: sallyport check tells whether it needs more than is here`, ...kept];
}
