import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { Command } from "commander";
import { leaveEvent } from "#app/left-events.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { rotateSeal, type SealStatus, sealStatus } from "#app/seal/maintain.ts";
import { type DataOption, type KekOption, withDataOption, withKekOption } from "./data-option.ts";

interface SealOptions extends DataOption, KekOption {
  readonly json: boolean;
}

const ports = {
  clock: { now: () => Date.now() },
  random: { bytes: (count: number) => randomBytes(count) },
  log: { info: () => {}, warn: () => {}, error: () => {} },
};

/** `sallyport seal`: the keys that the data folder's secrets are sealed under. */
export function sealCommand(): Command {
  return new Command("seal")
    .description("show and change the keys that the data folder's secrets are sealed under")
    .addCommand(statusCommand())
    .addCommand(rotateCommand());
}

function statusCommand(): Command {
  return withKekOption(withDataOption(new Command("status")))
    .description("which keys there are, by name; exit code 1: the folder does not open with the key-encryption key")
    .option("--json", "print it as JSON", false)
    .addHelpText(
      "after",
      `
Examples:
  sallyport seal status --kek file:/etc/sallyport.kek
  sallyport seal status --json | jq .current`,
    )
    .action(async ({ data, kek, json }: SealOptions) => {
      const status = await sealStatus(resolve(data), takeKekSource(kek, process.env), ports.random);
      process.stdout.write(`${json ? JSON.stringify(status, null, 2) : textOf(status)}\n`);
    });
}

function rotateCommand(): Command {
  return withKekOption(withDataOption(new Command("rotate")))
    .description("seal a stopped gateway's folder under new keys; the old ones still open what they have sealed")
    .option("--json", "print what is there then as JSON", false)
    .addHelpText(
      "after",
      `
A key-encryption key in a file gets a new one before it. Anywhere else put the new one there first.

Examples:
  sallyport seal rotate --data /var/lib/sallyport --kek file:/etc/sallyport.kek`,
    )
    .action(async ({ data, kek, json }: SealOptions) => {
      const source = takeKekSource(kek, process.env);
      const file = await rotateSeal(resolve(data), { kek: source, ...ports });
      const status = await sealStatus(resolve(data), source, ports.random);
      const [key, before] = status.keys;
      await leaveEvent(resolve(data), { event: "seal-key.rotated", details: { key: key?.id, before: before?.id } });
      const next = file === null ? "" : `\ntake the old key out of ${file} when no other data folder needs it`;
      process.stdout.write(`${json ? JSON.stringify(status, null, 2) : `${textOf(status)}${next}`}\n`);
    });
}

function textOf({ from, keyEncryptionKeys, keys, current }: SealStatus): string {
  const [newest] = keys;
  return [
    `key-encryption key ${keyEncryptionKeys[0]}, from ${from}${keyEncryptionKeys.length > 1 ? `, with ${keyEncryptionKeys.length - 1} older` : ""}`,
    `folder's key ${newest?.id}, made ${newest?.madeAt}${keys.length > 1 ? `, with ${keys.length - 1} older` : ""}`,
    current ? "all is sealed under the newest" : "the next start of the gateway seals it under the newest",
  ].join("\n");
}
