import type { Buffer } from "node:buffer";
import { CompactRange, readTreeState, sameTree, type TreeState } from "#audit/merkle/compact-range.ts";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { isSignedBy, type LogKey } from "#audit/merkle/log-key.ts";
import type { Cosigned } from "./cosignatures.ts";
import type { VerifyProblem } from "./judge-line.ts";

export interface Trust {
  /** Of the log; empty: signatures are not looked at. */
  readonly keys: readonly LogKey[];
  /** Kept by somebody else. Their signatures are the caller's to verify. */
  readonly witnessed?: readonly Checkpoint[];
  /** Kept beside the record, signed by a witness: each is compared as those above are. */
  readonly cosigned?: readonly Cosigned[];
  /** Of those beside the record, the number of the first that is no witness's. */
  readonly badCosignature?: number;
}

export interface Finding {
  readonly problem: VerifyProblem;
  readonly detail: string;
  /** Number of the first line that is in doubt, when it is not the line itself. */
  readonly seq?: number;
}

/** A line of the chain itself, read. */
export type ControlLine = Readonly<Record<string, unknown>>;

/** The tree over the lines, and whoever has signed it. Asked line by line, in order. */
export class SignedLines {
  readonly #trust: Trust;
  readonly #witnessed: ReadonlyMap<number, readonly Checkpoint[]>;
  /** By their size. */
  readonly #cosigned: ReadonlyMap<number, Cosigned>;
  #tree = new CompactRange();
  /** Lines in front of the first that is there. */
  #gone = 0;
  /** As far as the record says that lines were retired. */
  #retired = 0;
  #signed: { readonly size: number; readonly time: string } | undefined;
  #checkpoints = 0;

  constructor(trust: Trust) {
    this.#trust = trust;
    this.#witnessed = Map.groupBy(trust.witnessed ?? [], ({ size }) => size);
    this.#cosigned = new Map(trust.cosigned?.map((one) => [one.checkpoint.size, one]));
  }

  get checkpoints(): number {
    return this.#checkpoints;
  }

  /** How far the record is signed: the last checkpoint's size and time. */
  get signed(): { readonly size: number; readonly time: string } | undefined {
    return this.#signed;
  }

  get tree(): { readonly size: number; readonly root: string } {
    return { size: this.#tree.size, root: this.#tree.root() };
  }

  /** The first segment that is left says what stood in front of it. Whether that is so, the next checkpoint shows. */
  beginAt(tree: TreeState): void {
    this.#tree = new CompactRange(tree);
    this.#gone = tree.size;
  }

  /** Lines that were retired. */
  get gone(): number {
    return this.#gone;
  }

  /** Judges a line of the chain itself, whose bytes and place are good, by the lines in front of it. */
  control(line: ControlLine): Finding | undefined {
    if (line["kind"] === "segment") return this.#header(line);
    if (line["kind"] === "checkpoint") return this.#checkpoint(line);
    if (line["kind"] === "retired") this.#retired = Number(line["upToSeq"]);
    return line["kind"] === "closed" ? this.#mustBeSigned() : undefined;
  }

  /** Any line, after it was found good. @param own where its digest lies */
  append(bytes: Buffer, own: number): Finding | undefined {
    this.#tree.appendBytes(bytes, own);
    const { size } = this.#tree;
    const witnessed = this.#witnessed.get(size);
    const cosigned = this.#cosigned.get(size);
    if (witnessed?.some(({ root }) => root !== this.#tree.root()) === true) return this.#rewritten("was witnessed");
    if (cosigned === undefined || cosigned.checkpoint.root === this.#tree.root()) return undefined;
    return this.#rewritten(`${cosigned.witness} has cosigned`);
  }

  #rewritten(what: string): Finding {
    const detail = `${this.#inDoubt(this.#tree.size)} not what ${what}`;
    return { problem: "rewritten", detail, seq: this.#firstUnsigned };
  }

  /** When all lines were good. */
  end(records: number): Finding | undefined {
    const { witnessed, keys } = this.#trust;
    const size = this.#tree.size;
    const seen = Math.max(0, ...(witnessed?.map((one) => one.size) ?? []));
    if (size < seen) {
      const detail = `a witness saw ${seen} lines: ${size + 1} to ${seen} are gone`;
      return { problem: "truncated", detail };
    }
    const cosigned = this.#trust.cosigned?.find(({ checkpoint }) => checkpoint.size > size);
    if (cosigned !== undefined) {
      const { witness, checkpoint } = cosigned;
      const detail = `${witness} has cosigned ${checkpoint.size} lines: ${size + 1} to ${checkpoint.size} are gone`;
      return { problem: "truncated", detail };
    }
    if (this.#gone > this.#retired) {
      const detail = `the first ${this.#gone} lines are not here, and nothing says that they were retired`;
      return { problem: "segment-missing", detail, seq: 1 };
    }
    if (keys.length === 0 || records === 0 || this.#checkpoints > 0) return undefined;
    return { problem: "unsigned", detail: "the log has a key, and holds no checkpoint", seq: 1 };
  }

  #header(line: ControlLine): Finding | undefined {
    const tree = readTreeState(line["tree"]);
    if (tree === undefined || !sameTree(tree, this.#tree.state)) {
      return { problem: "tree-broken", detail: "the segment does not begin with the tree over the lines before" };
    }
    return tree.size === this.#gone ? undefined : this.#mustBeSigned();
  }

  /** A segment, and a record that is closed, end with a checkpoint: else their ends could be written anew. */
  #mustBeSigned(): Finding | undefined {
    const { size } = this.#tree;
    if (this.#trust.keys.length === 0 || this.#signed?.size === size - 1) return undefined;
    return { problem: "unsigned", detail: "no checkpoint stands in front of this line", seq: this.#firstUnsigned };
  }

  #checkpoint(line: ControlLine): Finding | undefined {
    const { note, time } = line;
    const checkpoint = typeof note === "string" ? readCheckpoint(note) : undefined;
    if (checkpoint === undefined) return { problem: "signature-bad", detail: "the line holds no checkpoint" };
    const { keys } = this.#trust;
    if (keys.length > 0 && !isOfLog(checkpoint, keys)) {
      return { problem: "signature-bad", detail: "the checkpoint is not signed by the log's key" };
    }
    const { size, root } = this.tree;
    if (checkpoint.size !== size || checkpoint.root !== root) {
      const detail = `${this.#inDoubt(size)} not what was signed`;
      return { problem: "tree-broken", detail, seq: this.#firstUnsigned };
    }
    this.#checkpoints += 1;
    this.#signed = { size, time: String(time) };
    return undefined;
  }

  get #firstUnsigned(): number {
    return (this.#signed?.size ?? this.#gone) + 1;
  }

  #inDoubt(last: number): string {
    const first = this.#firstUnsigned;
    return first >= last ? `record ${last} is` : `records ${first} to ${last} are`;
  }
}

/** Signed by a key of the log, as that log. */
export function isOfLog(checkpoint: Checkpoint, keys: readonly LogKey[]): boolean {
  return keys.some((key) => key.name === checkpoint.origin && isSignedBy(checkpoint.note, key));
}
