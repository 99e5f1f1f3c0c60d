import { Buffer } from "node:buffer";
import type { Checkpoint } from "./checkpoint.ts";

/**
 * What a witness with an Ed25519 key signs.
 *
 * @param time seconds since the epoch
 * @see https://c2sp.org/tlog-cosignature
 */
export function cosignedText(time: bigint, text: string): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

/**
 * What one with an ML-DSA-44 key signs: the whole tree up to the checkpoint's size, and its own name, but none of the lines
 * that a checkpoint may have behind its root. Undefined where a name is longer than the form has room for.
 *
 * @param time seconds since the epoch
 */
export function cosignedTree(witness: string, time: bigint, checkpoint: Checkpoint): Buffer | undefined {
  const names = [Buffer.from(witness), Buffer.from(checkpoint.origin)] as const;
  if (names.some(({ length }) => length === 0 || length > 255)) return undefined;
  const [name, origin] = names;
  return Buffer.concat([
    Buffer.from("subtree/v1\n\0"),
    Buffer.from([name.length]),
    name,
    uint64(time),
    Buffer.from([origin.length]),
    origin,
    uint64(0n),
    uint64(BigInt(checkpoint.size)),
    Buffer.from(checkpoint.root, "hex"),
  ]);
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
