import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { cosignatureOf, readWitnessKey, type WitnessKey } from "#audit/merkle/cosignature.ts";

/** In the folder of the record: checkpoints with the cosignature of a witness, oldest first, an empty line behind each. */
export const cosignaturesFile = "cosignatures.txt";
/** And the public keys of witnesses, one a line, the one in use first. */
export const witnessKeyFile = "witness-key.pub";

/** Twice what a gateway lets it come to. */
const mostBytes = 8 * 1024 * 1024;

/** A checkpoint that a witness has signed. */
export interface Cosigned {
  readonly checkpoint: Checkpoint;
  readonly witness: string;
  /** Milliseconds since the epoch, by the witness's clock. */
  readonly at: number;
  /** Which one of the file, from 1. */
  readonly number: number;
}

/** What a file of cosigned checkpoints holds. */
export interface KeptCosignatures {
  readonly good: readonly Cosigned[];
  /** The first that says it is by one of the witnesses, and is not; from 1. */
  readonly firstBad?: number;
}

/** Those of witnesses that `keys` names. What was written in part, or is by others, is left out. */
export async function readCosignatures(directory: string, keys: readonly WitnessKey[]): Promise<KeptCosignatures> {
  const good: Cosigned[] = [];
  for (const [at, note] of notesOf(await textOf(join(directory, cosignaturesFile))).entries()) {
    const checkpoint = readCheckpoint(note);
    if (checkpoint === undefined) continue;
    for (const key of keys) {
      const found = cosignatureOf(checkpoint, key);
      if (found === "bad") return { good, firstBad: at + 1 };
      if (found !== undefined) good.push({ checkpoint, witness: key.name, at: found.at, number: at + 1 });
    }
  }
  return { good };
}

/** A note is a text, an empty line and signatures; what was written in part spoils no other. */
export function notesOf(text: string): readonly string[] {
  const parts = text.split("\n\n").slice(0, -1);
  return parts.flatMap((part, at) => {
    const before = parts[at - 1];
    return before === undefined || !part.startsWith("— ") ? [] : [`${before}\n\n${part}\n`];
  });
}

/** The end of it, where there is more than there ever is. */
async function textOf(path: string): Promise<string> {
  const file = await open(path, "r").catch(unlessAbsent);
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const length = Math.min(size, mostBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Those that a text names; undefined when a line of it is no key. */
export function readWitnessKeys(text: string): readonly WitnessKey[] | undefined {
  const keys = text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map(readWitnessKey);
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** The text of the folder's own file; empty when there is none. */
export async function ownWitnessKeys(directory: string): Promise<string> {
  return (await readFile(join(directory, witnessKeyFile), "utf8").catch(unlessAbsent)) ?? "";
}

function unlessAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
