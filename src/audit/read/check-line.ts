import { readLink } from "#audit/chain.ts";
import { isContinued, isIncluded } from "#audit/merkle/check-proof.ts";
import type { Checkpoint } from "#audit/merkle/checkpoint.ts";
import type { LogKey } from "#audit/merkle/log-key.ts";
import type { GrowthProof, InclusionProof } from "#audit/merkle/proof-text.ts";
import { isOfLog } from "./signed-lines.ts";

/** Undefined: proven. Else why not, for a person. */
export type Doubt = string | undefined;

/** Needs nothing of the record but the proof, and the log's key. */
export function checkLine(proof: InclusionProof, keys: readonly LogKey[]): Doubt {
  const { line, index, path, checkpoint } = proof;
  if (!isOfLog(checkpoint, keys)) return "its checkpoint is not signed by that key";
  const link = readLink(line, 0, line.length);
  if (link?.intact !== true || link.seq !== index + 1) return "the record in it was changed";
  if (isIncluded(link.hash, index, checkpoint.size, path, checkpoint.root)) return undefined;
  return "the record is not in the log that its checkpoint speaks of";
}

/** @param older with a signature that is known to be good */
export function checkGrowth(
  { oldSize, path, checkpoint }: GrowthProof,
  older: Checkpoint,
  keys: readonly LogKey[],
): Doubt {
  if (!isOfLog(checkpoint, keys)) return "its checkpoint is not signed by that key";
  if (older.origin !== checkpoint.origin) return "the two checkpoints are of different logs";
  if (oldSize === older.size && isContinued(older, checkpoint, path)) return undefined;
  return "the newer log does not begin with all of the older one";
}
