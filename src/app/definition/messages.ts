import type { EntryQuestion } from "#config/entries/answer.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";

/** Which definition, and how it is read: the same for all of a process's life. */
export interface DefinitionSource {
  /** Absolute. */
  readonly file: string;
  /** Needed when the definition has several. */
  readonly environment?: string | undefined;
  /** Replaces plain values of the environment. */
  readonly values?: Readonly<Record<string, string>> | undefined;
}

export interface ReadRequest {
  readonly kind: "read";
  /** Stand in for files, by absolute path. */
  readonly texts: ReadonlyMap<string, string> | undefined;
}

/** About single entries of a definition's text. */
export interface EntryRequest {
  readonly kind: "entry";
  readonly text: string;
  readonly question: EntryQuestion;
}

export type DefinitionRequest = ReadRequest | EntryRequest;

export interface ReadAnswer {
  /** A `ReadResult` but for the snapshot, values of secrets included; `compiled` is the control plane's part. */
  readonly result: PackedValue;
  readonly snapshot: PackedValue | null;
}
