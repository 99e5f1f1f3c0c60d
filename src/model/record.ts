import type { EventDetail } from "./control-events.ts";
import type { Handover } from "./exchange.ts";

/** Version of the record's shape; raised when a field changes its meaning. */
export const recordSchema = 3;

/**
 * What a worker writes: one decision. The writer thread adds `seq`, `prev` and `hash`, and the line goes to disk.
 * A field that does not apply is left out. Tokens and keys never appear; their ids and digests do.
 */
export interface AuditRecord {
  readonly id: string;
  readonly schema: number;
  /** ISO 8601, milliseconds, UTC. */
  readonly time: string;
  readonly environment: string;
  readonly node: string;
  readonly configHash: string;
  readonly principal: RecordedPrincipal;
  readonly sessionId?: string;
  readonly tokenId?: string;
  readonly tokenDigest?: string;
  readonly clientId?: string;
  /** A token that does not say which session it is of: its id and digest are all that links its uses. */
  readonly unlinked?: true;
  readonly subscription?: string;
  /** Id of the subscription's key, when it was an old one that goes on for a while. */
  readonly oldKey?: string;
  readonly product?: string;
  readonly route?: {
    readonly api: string;
    readonly version?: string;
    readonly revision?: number;
    readonly operation: string;
    readonly template: string;
  };
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Redacted by rule. */
  readonly query?: string;
  readonly protocol: string;
  readonly client: string;
  readonly tls?: {
    readonly version: string;
    readonly cipher: string;
    readonly certificate?: RecordedCertificate;
    /** Why the certificate that was shown is not believed. */
    readonly certificateProblem?: string;
  };
  readonly handovers: readonly Handover[];
  readonly decision: "allow" | "deny";
  readonly reasons: readonly string[];
  /** 499 when the client went away. */
  readonly status: number;
  /** Another proxy asked and forwards by itself: what the client got from it is not known here. */
  readonly response?: "unseen";
  /** Address of that proxy. */
  readonly askedBy?: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly upstream?: {
    readonly name: string;
    readonly address: string;
    readonly tries: number;
    readonly status: number;
    /** Of the last attempt, until it had a connection: a new one, or one that others held. */
    readonly connectMs: number;
    /** Until the headers of the response, all attempts together; 0: there were none. */
    readonly headersMs: number;
    /** From there until all had gone to the client, or nothing more would. */
    readonly bodyMs: number;
  };
  /** Whole exchange, milliseconds with three decimals. */
  readonly durationMs: number;
  readonly traceparent?: string;
  /** How often something was kept out: by the rules of the definition, and credentials in the query. */
  readonly redacted?: { readonly query: number; readonly path: number; readonly details: number };
  /**
   * Another record with this id tells how it ended. `open`: written when a switched connection or an event stream began.
   * `intent`: written under strict durability, before the request went where it may do something.
   */
  readonly stage?: "open" | "intent";
}

/** Something that was done to the gateway: a line in the same chain as the decisions. */
export interface EventRecord
  extends
    Pick<AuditRecord, "id" | "schema" | "time" | "environment" | "node" | "configHash" | "principal">,
    Partial<Pick<AuditRecord, "sessionId" | "tokenId" | "tokenDigest" | "clientId">> {
  /** One of `controlEvents`; a newer gateway may know more of them. */
  readonly event: string;
  /** Id of the request that has done it. */
  readonly request?: string;
  readonly details: Readonly<Record<string, EventDetail>>;
}

export interface RecordedPrincipal {
  readonly kind: string;
  readonly id: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly tenant?: string;
  /** The first 64. */
  readonly groups?: readonly string[];
  /** Those of all its groups that the rule which decided asks for by name, of the product and of access. */
  readonly groupsUsed?: readonly string[];
  readonly authMethod: string;
  /** Those that were in force for it. */
  readonly approvals?: readonly string[];
  /** Which request each of them was given for, and why it was wanted. */
  readonly grants?: readonly RecordedGrant[];
  readonly actors?: readonly string[];
  /** Id of the agent among those who take part: the principal itself, or the outermost that acts for it. */
  readonly agent?: string;
}

export interface RecordedGrant {
  readonly approval: string;
  /** Of the access request. */
  readonly id: string;
  readonly reason?: string;
}

/** The client's certificate, when it was verified. */
export interface RecordedCertificate {
  readonly subject?: string;
  readonly issuer?: string;
  readonly serial: string;
  readonly fingerprint: string;
  /** Subject alternative names: `dns:…`, `uri:…`, `email:…`. */
  readonly names?: readonly string[];
}

/** What a line has in a segment file beside what was handed to the writer. */
interface Chained {
  /** Counts from 1 over all segments, without a hole. */
  readonly seq: number;
  /** Hash of the record before, hex; 64 zeros for the first. */
  readonly prev: string;
  /** SHA-256 over a zero byte and the line without its `hash` member, `prev` included; hex. */
  readonly hash: string;
}

export interface StoredRecord extends AuditRecord, Chained {}
export interface StoredEvent extends EventRecord, Chained {}
