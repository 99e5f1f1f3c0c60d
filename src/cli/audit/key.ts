import { Command } from "commander";
import { logKeyFile, ownLogKeys, readLogKeys } from "#audit/read/log-keys.ts";
import { auditFolder, type DataOption, withDataOption } from "#cli/data-option.ts";
import { problem } from "#cli/failure.ts";

export function keyCommand(): Command {
  return withDataOption(new Command("key"))
    .description("print the public key that checkpoints of the record are verified with")
    .option("--json", "print it as JSON", false)
    .addHelpText(
      "after",
      "\nKeep a copy where whoever runs the gateway cannot write.\n\nExamples:\n  sallyport audit key > log-key.pub\n  sallyport audit key --json",
    )
    .action(async (options: DataOption & { readonly json: boolean }) => {
      const folder = auditFolder(options);
      if (folder === undefined) return;
      const text = await ownLogKeys(folder);
      const keys = readLogKeys(text ?? "");
      if (text === undefined || keys === undefined) {
        const fix = "a gateway writes it when it starts";
        process.stderr.write(`${problem(`there is no key in ${folder}/${logKeyFile}`, "key-missing", fix)}\n`);
        process.exitCode = 1;
        return;
      }
      const rows = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      const json = keys.map(({ name, id }, at) => ({ name, id, key: rows[at] }));
      process.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : `${rows.join("\n")}\n`);
    });
}
