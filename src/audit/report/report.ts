import type { EventDetail } from "#model/control-events.ts";
import type { VerifyResult } from "#audit/read/verify.ts";

/** What an auditor is shown of a stretch of time. Plain data: the same as a page, as JSON and as a table. */
export interface AuditReport {
  /** ISO 8601, UTC. */
  readonly from: string;
  readonly to: string;
  readonly made: string;
  readonly nodes: readonly string[];
  readonly environments: readonly string[];
  /** Of the whole record, not of the stretch alone. */
  readonly verification: VerifyResult;
  readonly reach: Reach;
  readonly activity: Activity;
  readonly approvals: readonly ReportedEvent[];
  readonly keys: readonly ReportedEvent[];
  readonly configuration: readonly ConfigurationChange[];
  readonly people: readonly ReportedEvent[];
  readonly gateway: readonly ReportedEvent[];
}

/** Who could reach what, by the configuration that was in force last. */
export interface Reach {
  /** Why nothing is said; null: it is. */
  readonly problem: string | null;
  /** Number in the history, and when it came in force. */
  readonly entry: number | null;
  readonly since: string | null;
  readonly operations: readonly ReachableOperation[];
  readonly products: readonly ReachableProduct[];
  /** Those that there are now, ended ones as well. */
  readonly subscriptions: readonly ReachingSubscription[];
}

export interface ReachableOperation {
  readonly api: string;
  readonly operation: string;
  readonly method: string;
  readonly template: string;
  readonly isPublic: boolean;
  readonly clientCertificate: boolean;
  /** `allow …` and `deny …`, as they are written. */
  readonly rules: readonly string[];
  /** `none`: no product holds it. */
  readonly subscription: string;
  readonly products: readonly string[];
}

export interface ReachableProduct {
  readonly name: string;
  readonly subscription: string;
  readonly apis: readonly string[];
  /** Who is in it by identity: rules as they are written; null: everybody who is known. */
  readonly members: readonly string[] | null;
  readonly approvalRequired: boolean;
}

export interface ReachingSubscription {
  readonly name: string;
  readonly scope: string;
  readonly owner: string | null;
  readonly state: string;
  readonly created: string;
  readonly ends: string | null;
}

export interface Activity {
  readonly requests: number;
  readonly denied: number;
  /** The most calls first. */
  readonly principals: readonly PrincipalActivity[];
  /** Beyond the bound: in the sums, without a line of their own. */
  readonly principalsLeftOut: number;
  /** Why requests were denied, the most first. */
  readonly reasons: readonly { readonly reason: string; readonly requests: number }[];
}

export interface PrincipalActivity {
  readonly id: string;
  readonly kind: string;
  readonly requests: number;
  readonly denied: number;
  readonly bytesOut: number;
  readonly first: string;
  readonly last: string;
  /** What it has called; at most 20. */
  readonly apis: readonly string[];
  readonly actors: readonly string[];
}

export interface ReportedEvent {
  readonly time: string;
  readonly event: string;
  readonly by: string;
  readonly details: Readonly<Record<string, EventDetail>>;
  /** Line of the record. */
  readonly seq: number;
}

export interface ConfigurationChange extends ReportedEvent {
  /** Unified, of the texts before and after; null: the history does not have both any more. */
  readonly diff: string | null;
}
