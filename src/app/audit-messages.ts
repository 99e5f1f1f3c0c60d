import type { UntakenSegments } from "#audit/segment-writer.ts";
import type { AuditRetention, AuditSettings } from "#model/definition.ts";
import type { SharedDoorbell } from "#threads/doorbell.ts";
import type { SharedRing } from "#threads/ring.ts";
import type { LogSigningKey } from "./log-key.ts";

export interface AuditStart {
  readonly durability: AuditSettings["durability"];
  /** Of all rings. */
  readonly bell: SharedDoorbell;
  readonly directory: string;
  readonly node: string;
  readonly segmentBytes: number;
  readonly retention: AuditRetention;
  /** As `SegmentWriter.hold` has it. */
  readonly heldFrom: number;
  readonly flushMs: number;
  readonly syncMs: number;
  readonly key: LogSigningKey;
}

export type ToAuditThread =
  | { readonly type: "ring"; readonly generation: number; readonly ring: SharedRing }
  /** Its worker is gone: take what is left, then let it go. Crashed: what it had in flight has no record. */
  | { readonly type: "retire"; readonly generation: number; readonly crashed: boolean }
  | { readonly type: "hold"; readonly from: number }
  /** Somebody waits for what stands in a ring by now. */
  | { readonly type: "sync" }
  /** No ring gets more: write, close, end. */
  | { readonly type: "stop" };

/** How the writer does, once a second. */
export interface AuditStatus {
  /** Number of the last line of the record. */
  readonly sequence: number;
  readonly segment: number;
  readonly pendingBytes: number;
  /** Records lost since the start. */
  readonly lost: number;
  readonly failing: boolean;
}

export type FromAuditThread =
  | { readonly type: "status"; readonly status: AuditStatus }
  | { readonly type: "open" }
  | { readonly type: "failed"; readonly code: string; readonly message: string }
  | { readonly type: "problem"; readonly code: string; readonly message: string }
  | { readonly type: "untaken"; readonly gone: UntakenSegments }
  /** It is on the disk. */
  | { readonly type: "checkpoint"; readonly note: string };
