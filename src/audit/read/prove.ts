import { Buffer } from "node:buffer";
import { readClaim } from "#audit/chain.ts";
import { emptyTree, readTreeState, type TreeState } from "#audit/merkle/compact-range.ts";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { NodeStore } from "#audit/merkle/node-store.ts";
import { consistencyRanges, inclusionRanges, type LeafRange } from "#audit/merkle/proof-ranges.ts";
import type { GrowthProof, InclusionProof } from "#audit/merkle/proof-text.ts";
import { emptyRoot } from "#audit/merkle/tree-hash.ts";
import { headerBytes, readHeader } from "#audit/segment-header.ts";
import { isShort, segmentIn, wayIn, whoIn } from "#audit/shared/reference.ts";
import { readRange } from "./read-range.ts";
import { maxLineBytes } from "./read-windows.ts";
import { scanLines } from "./scan-lines.ts";
import { withSegment } from "./segment-text.ts";
import { listSegments, type Segment } from "./segments.ts";

const lineBreak = 0x0a;

export type ProofFailure =
  /** No such line, or its segment was retired. */
  | "not-found"
  /** The newest checkpoint does not speak of it yet. */
  | "not-signed"
  /** The record is not what the checkpoint speaks of: `verify` says where. */
  | "not-proven";

/** @param checkpoint of this log, with a signature that is known to be good; default: the newest of the record */
export async function proveLine(
  directory: string,
  seq: number,
  checkpoint?: Checkpoint,
): Promise<InclusionProof | ProofFailure> {
  const signed = checkpoint ?? (await newestCheckpoint(directory));
  if (signed === undefined || signed.size < seq) return "not-signed";
  const proof = await proveOne(directory, seq, signed);
  if (typeof proof === "string" || !isShort(proof.line, 0, proof.line.length)) return proof;
  const shared: InclusionProof[] = [];
  for (const one of await sharedSeqs(directory, proof.line)) {
    const other = one === undefined ? "not-proven" : await proveOne(directory, one, signed);
    if (typeof other === "string") return "not-proven";
    shared.push(other);
  }
  return { ...proof, shared };
}

/** Numbers of the lines that a short record refers to; undefined for one that is not there. */
async function sharedSeqs(directory: string, line: Buffer): Promise<readonly (number | undefined)[]> {
  const segment = (await listSegments(directory)).find(({ number }) => number === segmentIn(line, 0));
  if (segment === undefined) return [undefined];
  return withSegment(segment, async (text) => {
    const seqs: (number | undefined)[] = [];
    for (const offset of [whoIn(line, 0), wayIn(line, 0)]) {
      const bytes = await readRange(text, offset, maxLineBytes);
      seqs.push(readClaim(bytes, 0, bytes.indexOf(lineBreak))?.seq);
    }
    return seqs;
  });
}

async function proveOne(directory: string, seq: number, signed: Checkpoint): Promise<InclusionProof | ProofFailure> {
  const ranges = inclusionRanges(seq - 1, signed.size);
  const gathered = await gather(directory, ranges, signed, seq - 1, seq);
  if (gathered.line === undefined) return "not-found";
  if (gathered.path === undefined) return "not-proven";
  return {
    kind: "inclusion",
    line: gathered.line,
    index: seq - 1,
    path: gathered.path,
    checkpoint: signed,
    shared: [],
  };
}

/**
 * That the record goes on from an older checkpoint.
 * @param newer of this log, with a signature that is known to be good; default: the newest of the record
 */
export async function proveGrowth(
  directory: string,
  older: Pick<Checkpoint, "size">,
  newer?: Checkpoint,
): Promise<GrowthProof | ProofFailure> {
  const newest = newer ?? (await newestCheckpoint(directory));
  if (newest === undefined || newest.size < older.size) return "not-signed";
  const { path } = await gather(directory, consistencyRanges(older.size, newest.size), newest, older.size);
  if (path === undefined) return "not-proven";
  return { kind: "growth", oldSize: older.size, path, checkpoint: newest };
}

interface Gathered {
  readonly line: Buffer | undefined;
  /** Undefined: the lines are not those that the checkpoint speaks of. */
  readonly path: readonly string[] | undefined;
}

/**
 * Goes through the lines up to what the checkpoint speaks of. What they say of their hashes is checked by its root.
 * @param from what is asked for of the lines in front of it are whole subtrees of the tree over them
 */
async function gather(
  directory: string,
  ranges: readonly LeafRange[],
  { size, root }: Checkpoint,
  from: number,
  seq?: number,
): Promise<Gathered> {
  let nodes: NodeStore | undefined;
  let line: Buffer | undefined;
  for (const segment of await segmentsFrom(directory, from)) {
    await scanLines(segment, (bytes, start, end) => {
      nodes ??= new NodeStore(ranges, treeBefore(bytes.toString("utf8", start, end)));
      if (nodes.size === size) return false;
      nodes.append(readClaim(bytes, start, end)?.hash ?? emptyRoot);
      if (nodes.size === seq) line = Buffer.from(bytes.subarray(start, end));
      return true;
    });
    if (nodes?.size === size) break;
  }
  const whole = nodes?.size === size && nodes.root() === root;
  const path = ranges.map((range) => nodes?.hashOf(range));
  return { line, path: whole && path.every((hash) => hash !== undefined) ? path : undefined };
}

/** The last segment that begins with no more than `lines` lines in front of it, and all behind: its tree stands for those. */
async function segmentsFrom(directory: string, lines: number): Promise<readonly Segment[]> {
  const segments = await listSegments(directory);
  for (let at = segments.length - 1; at > 0; at -= 1) {
    const tree = readTreeState(readHeader(await firstLineOf(segments[at] as Segment))?.tree);
    if (tree !== undefined && tree.size <= lines) return segments.slice(at);
  }
  return segments;
}

async function firstLineOf(segment: Segment): Promise<string> {
  const bytes = await withSegment(segment, (text) => readRange(text, 0, headerBytes));
  return bytes.toString("utf8").split("\n", 1)[0] ?? "";
}

function treeBefore(firstLine: string): TreeState {
  return readTreeState(readHeader(firstLine)?.tree) ?? emptyTree;
}

const checkpointStart = Buffer.from('{"kind":"checkpoint"');

export async function newestCheckpoint(directory: string): Promise<Checkpoint | undefined> {
  for (const segment of (await listSegments(directory)).toReversed()) {
    let found: string | undefined;
    await scanLines(segment, (bytes, start, end) => {
      const is = bytes.compare(checkpointStart, 0, checkpointStart.length, start, start + checkpointStart.length) === 0;
      if (is) found = bytes.toString("utf8", start, end);
      return true;
    });
    const checkpoint = found === undefined ? undefined : readCheckpoint(noteOf(found));
    if (checkpoint !== undefined) return checkpoint;
  }
  return undefined;
}

function noteOf(line: string): string {
  try {
    return String((JSON.parse(line) as { readonly note?: unknown }).note);
  } catch {
    return "";
  }
}
