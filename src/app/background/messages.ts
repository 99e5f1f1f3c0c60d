import type { RecordPlace } from "#audit/read/stretch.ts";
import type { LogSettings } from "#model/logs.ts";

export interface BackgroundStart {
  /** Of the record. */
  readonly directory: string;
  readonly indexPath: string;
  /** Whether segments that are closed are compressed. */
  readonly compress: boolean;
  /** Where logs have their files. */
  readonly logsPath: string;
}

export type ToBackground =
  /** The record is open: what a crash left is sorted out, and it can be tended. */
  | { readonly type: "tend" }
  /** `from`: where the access log begins; null: it goes on, or there is none. */
  | { readonly type: "use"; readonly logs: LogSettings; readonly from: RecordPlace | null }
  /** Of the operational log. */
  | { readonly type: "lines"; readonly lines: readonly string[] }
  /** The record is closed: what is in it is written, then all ends. */
  | { readonly type: "stop" };

export type FromBackground =
  | { readonly type: "index-failed"; readonly error: string }
  | { readonly type: "compress-failed"; readonly error: string }
  /** Once for each stretch of failures. */
  | { readonly type: "log-failed"; readonly log: "access" | "operational"; readonly error: string }
  /** Lines of the operational log that need not be held any more. */
  | { readonly type: "took"; readonly lines: number };
