import type { Clock } from "#model/ports.ts";
import type { CheckpointSigner } from "./merkle/checkpoint.ts";
import type { CompactRange } from "./merkle/compact-range.ts";

export interface CheckpointSigningOptions {
  readonly clock: Clock;
  readonly signer?: CheckpointSigner;
  readonly onCheckpoint?: (note: string) => void;
}

/** A signature costs as much as a dozen records. */
const everyMs = 1000;

/** When the record is signed, and who hears of it. */
export class CheckpointSigning {
  readonly #options: CheckpointSigningOptions;
  #signedAt = Number.NEGATIVE_INFINITY;
  /** There are lines that no checkpoint speaks of, besides the last checkpoint itself. */
  #unsigned = true;
  #unsynced: string | undefined;

  constructor(options: CheckpointSigningOptions) {
    this.#options = options;
  }

  get due(): boolean {
    return (
      this.#options.signer !== undefined && this.#unsigned && this.#options.clock.mono() - this.#signedAt >= everyMs
    );
  }

  grown(): void {
    this.#unsigned = true;
  }

  /** The checkpoint to add; undefined when there is nothing new, or nobody to sign. */
  next(tree: CompactRange): string | undefined {
    const { signer, clock } = this.#options;
    if (!this.#unsigned || signer === undefined) return undefined;
    this.#signedAt = clock.mono();
    this.#unsynced = signer.sign(tree.size, tree.root());
    return this.#unsynced;
  }

  /** The line that holds it is the last one: it needs no other to speak of it. */
  added(): void {
    this.#unsigned = false;
  }

  /** A witness hears only of what cannot be lost any more. */
  synced(): void {
    if (this.#unsynced !== undefined) this.#options.onCheckpoint?.(this.#unsynced);
    this.#unsynced = undefined;
  }
}
