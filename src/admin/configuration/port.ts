import type { Diagnostic } from "#model/diagnostic.ts";
import type { Principal } from "#model/principal.ts";
import type { Bundle } from "./bundle.ts";
import type { HistoryEntry } from "./history.ts";

/** What is in force, as it was read. */
export interface RunningConfiguration {
  readonly bundle: Bundle;
  readonly entry: HistoryEntry;
  /** Absolute: where the files stand. */
  readonly folder: string;
  /** The definition's own name in the bundle. */
  readonly definition: string;
}

/** Texts that are to replace those in force; documents that are not among them stay. */
export type Candidate = ReadonlyMap<string, string>;

/** Who makes a change, and by which request: for the record. */
export interface ChangeSource {
  readonly by: Principal;
  readonly request: string;
}

export interface ChangeRequest extends ChangeSource {
  /** Decides on the hash in force, in the same turn as the change: of two who read the same, one wins. */
  readonly isExpected: (hash: string) => boolean;
  readonly author: string;
  readonly comment: string;
  /** Also when the files on the disk were changed and are not in force. */
  readonly discardFileChanges: boolean;
}

export type ChangeOutcome =
  | {
      readonly kind: "applied";
      readonly entry: HistoryEntry;
      readonly warnings: readonly Diagnostic[];
      /** Settings that take effect at the next start. */
      readonly restart: readonly string[];
    }
  /** It is what is in force already. */
  | { readonly kind: "unchanged"; readonly entry: HistoryEntry }
  | { readonly kind: "conflict"; readonly hash: string }
  | { readonly kind: "drift"; readonly files: readonly string[] }
  | { readonly kind: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "unknown-entry" }
  | { readonly kind: "read-only"; readonly message: string }
  /** It could not be put in force; the one before serves, and stands on the disk. */
  | { readonly kind: "failed"; readonly message: string };

export type ReloadOutcome =
  | { readonly kind: "reloaded"; readonly entry: HistoryEntry; readonly warnings: readonly Diagnostic[] }
  | { readonly kind: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "failed"; readonly message: string };

export interface LastReload {
  readonly time: string;
  readonly why: string;
  readonly outcome: ReloadOutcome["kind"];
  readonly diagnostics: readonly Diagnostic[];
}

/** The configuration as the admin API uses it. Reload, apply and roll-back run one at a time, whole or not at all. */
export interface ConfigurationPort {
  readonly running: RunningConfiguration;
  readonly lastReload: LastReload | undefined;
  /** Names of files that differ from what is in force. */
  drift(): Promise<readonly string[]>;
  history(): readonly HistoryEntry[];
  /** Undefined when there is no such entry. @throws GatewayError `store-corrupt` */
  read(id: number): Promise<{ readonly entry: HistoryEntry; readonly bundle: Bundle } | undefined>;
  validate(candidate: Candidate): Promise<{ readonly valid: boolean; readonly diagnostics: readonly Diagnostic[] }>;
  apply(candidate: Candidate, request: ChangeRequest): Promise<ChangeOutcome>;
  rollback(id: number, request: ChangeRequest): Promise<ChangeOutcome>;
  /** Without a source the gateway does it by itself: files changed, or somebody has told its process. */
  reload(why: string, author: string, source?: ChangeSource): Promise<ReloadOutcome>;
}
