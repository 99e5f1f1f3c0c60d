import type { Node } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";

/** A place where a value is expected: the node there, aliases followed, or null when nothing is written. */
export interface Slot {
  readonly node: Node | null;
  readonly at: SourcePosition;
}

/** One entry of a map. */
export interface SlotEntry {
  readonly key: string;
  readonly at: SourcePosition;
  readonly slot: Slot;
}
