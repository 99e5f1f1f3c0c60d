import { readLink } from "#audit/chain.ts";
import { isContinued, isIncluded } from "#audit/merkle/check-proof.ts";
import type { Checkpoint } from "#audit/merkle/checkpoint.ts";
import type { LogKey } from "#audit/merkle/log-key.ts";
import type { GrowthProof, InclusionProof } from "#audit/merkle/proof-text.ts";
import { type AuditEntry, isControl, type SharedEntry } from "#audit/entry.ts";
import { isShort, segmentIn, wayIn, whoIn } from "#audit/shared/reference.ts";
import { parseEntry } from "./parse-entry.ts";
import { isOfLog } from "./signed-lines.ts";

/** Undefined: proven. Else why not, for a person. */
export type Doubt = string | undefined;

/** Needs nothing of the record but the proof, and the log's key. */
export function checkLine(proof: InclusionProof, keys: readonly LogKey[]): Doubt {
  const doubt = checkOne(proof, keys);
  if (doubt !== undefined) return doubt;
  const { line, shared } = proof;
  const isReferring = isShort(line, 0, line.length);
  const offsets = isReferring ? [whoIn(line, 0), wayIn(line, 0)] : [];
  if (shared.length !== offsets.length)
    return "what the record refers to is missing in the proof, or there is more in it";
  return shared
    .map((one, at) => checkShared(one, segmentIn(line, 0), offsets[at], keys))
    .find((one) => one !== undefined);
}

/** The line says of itself where it stands, so that no other can be given for it. */
function checkShared(
  proof: InclusionProof,
  segment: number,
  offset: number | undefined,
  keys: readonly LogKey[],
): Doubt {
  const doubt = checkOne(proof, keys);
  if (doubt !== undefined) return `what the record refers to is not proven: ${doubt}`;
  const line = sharedIn(proof);
  const isIt = line !== undefined && line.segment === segment && line.offset === offset;
  return isIt ? undefined : "the record refers to another line than the proof has";
}

/** What a proven record is, with what it refers to. */
export function provenEntry({ line, shared }: InclusionProof): AuditEntry | undefined {
  return parseEntry(line.toString("utf8"), (segment, offset) => {
    return shared.map(sharedIn).find((one) => one?.segment === segment && one.offset === offset)?.members;
  });
}

function sharedIn({ line }: InclusionProof): SharedEntry | undefined {
  const entry = parseEntry(line.toString("utf8"), () => undefined);
  return entry !== undefined && isControl(entry) && entry.kind === "shared" ? entry : undefined;
}

function checkOne(proof: InclusionProof, keys: readonly LogKey[]): Doubt {
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
