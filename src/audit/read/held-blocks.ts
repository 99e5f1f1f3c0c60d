import { mayHold } from "#audit/index/bloom.ts";
import { isIndexed, termOf } from "#audit/index/terms.ts";
import type { SearchIndex } from "#model/search-index.ts";
import type { Needle } from "./needle.ts";
import type { Which } from "./shared-lines.ts";

interface Known {
  readonly from: number;
  readonly to: number;
  readonly holds: boolean;
}

/**
 * Where in a segment a line may have a needle that records refer to. Such a line stands right in front of the first
 * record that refers to it: where the index rules such a record out, the line is another one, and need not be read.
 */
export function heldIn(index: SearchIndex | undefined, segment: number, needle: Needle | undefined): Which {
  if (index === undefined || needle === undefined || !isIndexed(needle.path)) return anywhere;
  const term = termOf(needle.path, needle.value);
  const known: Known[] = [];
  const learn = (offset: number): Known | undefined => {
    const found = known.find(({ from, to }) => offset >= from && offset < to);
    if (found !== undefined) return found;
    const block = index.blockAt(segment, offset);
    if (block === undefined) return undefined;
    const { offset: from, bytes, filter } = block;
    const learned = { from, to: from + bytes, holds: mayHold(filter, term) };
    known.push(learned);
    return learned;
  };
  return (offset) => {
    const block = learn(offset);
    // The record may be the first one of the next block, which may not be indexed yet.
    return block === undefined || block.holds || (learn(block.to)?.holds ?? true);
  };
}

export const anywhere: Which = () => true;
