import type { Buffer } from "node:buffer";
import { GatewayError } from "#model/errors.ts";
import { readClaim } from "./chain.ts";
import { CompactRange, readTreeState, type TreeState } from "./merkle/compact-range.ts";
import { readHeader } from "./segment-header.ts";
import { withSegmentBytes } from "./segment-bytes.ts";

const lineBreak = 0x0a;
const noHash = "0".repeat(64);

/**
 * The tree over all lines up to number `seq`, from the newest segment that says how it began. Only what lines say of
 * their hashes is read: whether their bytes are those is for `verify` to find. Where a line is gone, its place is
 * filled, since nothing behind it verifies anyway and the gateway is to go on recording.
 *
 * @param segments that are there, newest first
 * @throws GatewayError `audit-unavailable` when the numbers of lines leap as they never do
 */
export function recoverTree(directory: string, segments: readonly number[], seq: number): TreeState {
  const behind: Buffer[] = [];
  for (const segment of segments) {
    const bytes = withSegmentBytes(directory, segment, (text) => text.read(0, text.size));
    behind.unshift(bytes);
    const began = treeAtStart(bytes);
    if (began !== undefined) return grow(new CompactRange(began), behind, seq);
  }
  return grow(new CompactRange(), behind, seq);
}

/** What the segment's first line says; undefined when it is damaged or not there. */
function treeAtStart(bytes: Buffer): TreeState | undefined {
  const end = bytes.indexOf(lineBreak);
  return end < 0 ? undefined : readTreeState(readHeader(bytes.toString("utf8", 0, end))?.tree);
}

function grow(tree: CompactRange, segments: readonly Buffer[], seq: number): TreeState {
  for (const bytes of segments) {
    let start = 0;
    for (let end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, start)) {
      const claim = readClaim(bytes, start, end);
      if (claim !== undefined && claim.seq <= seq) take(tree, claim.seq, claim.prev, claim.hash);
      start = end + 1;
    }
  }
  fill(tree, seq, noHash);
  return tree.state;
}

function take(tree: CompactRange, seq: number, prev: string, hash: string): void {
  if (seq <= tree.size) return;
  fill(tree, seq - 1, prev);
  tree.append(hash);
}

/** @param last hash of the last line that is missing, which the one behind it names */
function fill(tree: CompactRange, size: number, last: string): void {
  // A forged number must not keep the start busy for hours.
  if (size - tree.size > mostMissing) throw new GatewayError("audit-unavailable", 503, "the record's numbers leap");
  while (tree.size < size) tree.append(tree.size === size - 1 ? last : noHash);
}

const mostMissing = 100_000_000;
