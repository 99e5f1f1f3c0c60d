import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import type { LogKey } from "#audit/merkle/log-key.ts";
import { ownLogKeys, readLogKeys } from "#audit/read/log-keys.ts";
import { ownWitnessKeys, readCosignatures, readWitnessKeys, witnessKeyFile } from "#audit/read/cosignatures.ts";
import { isOfLog, type Trust } from "#audit/read/signed-lines.ts";
import { problem } from "#cli/failure.ts";

export interface KeyOption {
  readonly key?: string;
}

/** Option of every command that verifies signatures. */
export function withKeyOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--key <key>",
      "the log's public key, or a file with it (default: the record's own log-key.pub, which proves nothing against whoever can write there)",
    ),
  );
}

/** What a command was given cannot be used: said on standard error, with exit code 2. */
export class BadInput extends Error {
  readonly code: string;
  readonly fix: string;

  constructor(code: string, message: string, fix: string) {
    super(message);
    this.code = code;
    this.fix = fix;
  }
}

/** Runs a command; tells of what it was given in vain. */
export async function withInput(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    process.stderr.write(`${problem(error.message, error.code, error.fix)}\n`);
    process.exitCode = 2;
  }
}

/** @throws BadInput `key-refused` */
export async function keysOf({ key }: KeyOption, folder?: string): Promise<readonly LogKey[]> {
  const own = folder === undefined ? undefined : await ownLogKeys(folder);
  const text = key === undefined ? own : await textOf(key);
  const keys = readLogKeys(text ?? "");
  if (keys !== undefined && (keys.length > 0 || key === undefined)) return keys;
  const place = key ?? `${folder}/log-key.pub`;
  throw new BadInput("key-refused", `${place} is no public key of a log`, "copy what `sallyport audit key` prints");
}

/** The newest of {@link checkpointsOf}. @throws BadInput `checkpoint-refused` */
export async function checkpointOf(value: string, keys: readonly LogKey[]): Promise<Checkpoint> {
  const all = await checkpointsOf(value, keys);
  return all.reduce((newest, one) => (one.size > newest.size ? one : newest));
}

/**
 * Checkpoints that were kept elsewhere: one, or all of a file that a witness has appended them to. Each holds: a record
 * that was written anew has good checkpoints behind the ones that show it. Those of other logs are left out.
 *
 * @throws BadInput `checkpoint-refused` for what is no checkpoint, and where there is none that one of `keys` has signed
 */
export async function checkpointsOf(
  value: string,
  keys: readonly LogKey[],
): Promise<readonly [Checkpoint, ...Checkpoint[]]> {
  const text = await textOf(value);
  const fix = "give it whole, as it was sent to the witness: origin, size, root, an empty line, signatures";
  if (!text.includes("\n"))
    throw new BadInput("checkpoint-refused", `${value} is no checkpoint, and no file with one`, fix);
  const parts = ended(text)
    .split(betweenNotes)
    .filter((part) => part.trim() !== "");
  const read = parts.map(readCheckpoint);
  // The last one may be about to be appended.
  const bad = read.findIndex((one, at) => one === undefined && (at === 0 || at < read.length - 1));
  if (bad >= 0)
    throw new BadInput(
      "checkpoint-refused",
      parts.length === 1 ? "that is no checkpoint" : `part ${bad + 1} of it is no checkpoint`,
      fix,
    );
  const ours = read.filter((one) => one !== undefined && keys.some(({ name }) => name === one.origin)) as Checkpoint[];
  const [first, ...others] = ours;
  if (first !== undefined && ours.every((one) => isOfLog(one, keys))) return [first, ...others];
  const message =
    ours.length > 1
      ? "some of the checkpoints are not signed by this log's key"
      : "the checkpoint is not signed by this log's key";
  throw new BadInput("checkpoint-refused", message, "give the log's key with --key, if another one signed then");
}

/** Behind the signatures of one, with an empty line or without. */
const betweenNotes = /(?<=\n— [^\n]*\n)\n*(?=[^\n—])/;

/**
 * What a witness has cosigned of the record, as it lies beside it.
 * @throws BadInput `key-refused`
 */
export async function cosignedOf(
  folder: string,
  witnessKey: string | undefined,
  keys: readonly LogKey[],
): Promise<Pick<Trust, "cosigned" | "badCosignature">> {
  const text = witnessKey === undefined ? await ownWitnessKeys(folder) : await textOf(witnessKey);
  const witnesses = readWitnessKeys(text);
  if (witnesses === undefined || (witnessKey !== undefined && witnesses.length === 0)) {
    const place = witnessKey ?? `${folder}/${witnessKeyFile}`;
    throw new BadInput("key-refused", `${place} is no public key of a witness`, "it is written name+id+base64");
  }
  const { good, firstBad } = await readCosignatures(folder, witnesses);
  // A witness may see other logs too, such as the one that this record was begun anew from.
  const cosigned = good.filter(({ checkpoint }) => keys.length === 0 || isOfLog(checkpoint, keys));
  return { cosigned, ...(firstBad !== undefined && { badCosignature: firstBad }) };
}

/** A file, or the text itself. */
export async function textOf(value: string): Promise<string> {
  if (value.includes("\n")) return value;
  return readFile(value, "utf8").catch(() => value);
}

/** Shells take the last line break away. */
function ended(text: string): string {
  return `${text.replace(/\n+$/, "")}\n`;
}
