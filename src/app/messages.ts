import type { MessagePort } from "node:worker_threads";
import type { AssertionKey } from "#model/assertion.ts";
import type { CacheEntry } from "#model/cache.ts";
import type { EndedConnections } from "#model/connection-ends.ts";
import type { CertificateStatus } from "#model/certificate-status.ts";
import type { AcmeRequest, AcmeResponse } from "#edge/acme-server/acme-types.ts";
import type { CertificateSource, EdgeCertificate, PendingChallenges, StapleNews } from "#edge/edge-types.ts";
import type { ListenAddress, ListenPlace } from "#model/definition.ts";
import type { SiteRequest, SiteResponse } from "#model/site.ts";
import type { GroupAnswer, GroupQuestion } from "#model/group-lookup.ts";
import type { ApiLevel, LogLevel } from "#model/logs.ts";
import type { GrantsOf } from "#model/grants.ts";
import type { IdentityToken } from "#model/managed-identity.ts";
import type { SeenUser } from "#products/provisioning.ts";
import type { Revocation, RevocationChange } from "#model/identity-revocation.ts";
import type { SessionFacts, SessionQuestion } from "#model/session.ts";
import type { TargetStatus } from "#model/target-health.ts";
import type { ShadowNews } from "#model/shadow.ts";
import type { DebugCredential, RequestTrace } from "#model/tracing.ts";
import type { CacheProblemCounts } from "#upstream/external-cache/problems.ts";
import type { TokenSubject } from "#upstream/managed-identity/token-cache.ts";
import type { SharedKeyIndex } from "#threads/key-index.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";
import type { QuotaLease } from "#threads/quota.ts";
import type { EmittedNews } from "./metrics/policy-counts.ts";
import type { RequestNews } from "./metrics/request-counts.ts";
import type { SharedHandles } from "./shared-tables.ts";

/** What a worker is started with. Handles are shared memory: cloning one does not copy it. */
export interface WorkerStart {
  readonly index: number;
  /** Of all workers. */
  readonly count: number;
  /** Counts the threads that have run under this index; locks of a dead generation can be cleared. */
  readonly generation: number;
  readonly node: string;
  /** When the gateway started; milliseconds since the epoch. */
  readonly startedAt: number;
  /** A `Snapshot`. */
  readonly snapshot: PackedValue;
  readonly https: readonly ListenPlace[];
  readonly http: readonly ListenPlace[];
  /** Of the admin API, over TCP: nothing is forwarded there. */
  readonly admin: readonly ListenAddress[];
  /** Paths of our Unix sockets, the admin API's among them: nothing is forwarded there. */
  readonly sockets: readonly string[];
  readonly reusePort: boolean;
  readonly certificates: CertificateSource;
  /** PEM. */
  readonly internalRoots: string;
  readonly revocations: readonly Revocation[];
  /** `<issuer>-<serial>` of what the internal CA has revoked. */
  readonly revoked: readonly string[];
  readonly challenges: PendingChallenges;
  readonly staples: readonly StapleNews[];
  readonly ticketKeys: Uint8Array;
  /** What it signs assertions with; null: nobody asks for them. */
  readonly assertionKey: AssertionKey | null;
  readonly pepper: Uint8Array;
  /** Approvals in force. */
  readonly grants: readonly GrantsOf[];
  readonly debugCredentials: readonly DebugCredential[];
  /** The usual one, and APIs that have another. */
  readonly logLevel: LogLevel;
  readonly apiLevels: readonly ApiLevel[];
  readonly shared: SharedHandles;
  readonly control: MessagePort;
  /** What is counted goes there. */
  readonly analytics: MessagePort;
  /** What is exported goes there. */
  readonly telemetry: MessagePort;
}

/** Calls of a worker to main. */
export interface WorkerCalls {
  readonly "quota.lease": {
    readonly request: {
      readonly counter: string;
      readonly windowStart: number;
      readonly amount: number;
      readonly limit: number;
      readonly windowEnd: number | null;
    };
    readonly response: QuotaLease;
  };
  readonly "acme.request": {
    readonly request: { readonly server: string; readonly request: AcmeRequest };
    readonly response: AcmeResponse;
  };
  /** The key set of a cluster that this gateway runs in, by the provider's name. */
  readonly "cluster.keys": {
    readonly request: { readonly provider: string };
    readonly response: Readonly<Record<string, unknown>>;
  };
  readonly "groups.find": { readonly request: GroupQuestion; readonly response: GroupAnswer };
  /** Null: there is none, or it is over. */
  readonly "session.find": { readonly request: SessionQuestion; readonly response: SessionFacts | null };
  /** Of the gateway's own pages. */
  readonly "site.request": { readonly request: SiteRequest; readonly response: SiteResponse };
  /** A certificate for a name that came in a handshake; null when there is none. */
  readonly "certificate.demand": {
    readonly request: { readonly name: string };
    readonly response: EdgeCertificate | null;
  };
  /** DER of a revocation list of the internal CA; null: there is none. */
  readonly "certificate.list": {
    readonly request: { readonly issuer: string };
    readonly response: Uint8Array | null;
  };
  /** Whether the issuers of a client's certificate have taken it back. DER, leaf first. */
  readonly "certificate.status": {
    readonly request: { readonly path: readonly Uint8Array[] };
    readonly response: CertificateStatus;
  };
  /** Of this gateway's identity, wherever the platform gives it. */
  readonly "managed-identity.token": {
    readonly request: { readonly resource: string; readonly clientId: string };
    readonly response: IdentityToken;
  };
  readonly "connection.token": {
    readonly request: {
      readonly provider: string;
      readonly name: string;
      /** Whose token is exchanged for it. */
      readonly subject?: TokenSubject | undefined;
    };
    readonly response: IdentityToken;
  };
  readonly "cache.get": { readonly request: string; readonly response: CacheEntry | null };
  readonly "cache.put": {
    readonly request: { readonly key: string; readonly entry: CacheEntry };
    readonly response: null;
  };
  readonly "cache.remove": { readonly request: string; readonly response: null };
}

/** What a worker's active check of a target found, for the others. */
export interface ProbeNews {
  readonly type: "probe";
  readonly key: string;
  readonly up: boolean;
}

export type ToWorker =
  | ProbeNews
  | { readonly type: "snapshot"; readonly snapshot: PackedValue }
  | { readonly type: "certificates"; readonly certificates: CertificateSource }
  | { readonly type: "challenges"; readonly challenges: PendingChallenges }
  | { readonly type: "keys"; readonly keys: SharedKeyIndex }
  | { readonly type: "users"; readonly users: SharedKeyIndex }
  /** Somebody may not call any more: what lasts is decided again. */
  | { readonly type: "review" }
  | { readonly type: "revocation"; readonly change: RevocationChange }
  | { readonly type: "staple"; readonly staple: StapleNews }
  | { readonly type: "internal-roots"; readonly roots: string }
  | { readonly type: "revoked"; readonly keys: readonly string[] }
  | { readonly type: "grants"; readonly grants: readonly GrantsOf[] }
  /** Sessions that have ended, or whose people have changed; by their public names. */
  | { readonly type: "sessions"; readonly handles: readonly string[] }
  | { readonly type: "ticket-keys"; readonly keys: Uint8Array }
  | { readonly type: "assertion-key"; readonly key: AssertionKey | null }
  /** All that are good: requests that show one of them are traced. */
  | { readonly type: "debug-credentials"; readonly credentials: readonly DebugCredential[] }
  | { readonly type: "api-levels"; readonly levels: readonly ApiLevel[] }
  | { readonly type: "target-status" }
  | { readonly type: "drain"; readonly deadlineMs: number };

/** `ask`: number of the question, where somebody waits for its answer. */
export interface Told {
  readonly ask: number | null;
  readonly message: ToWorker;
}

/** What is more than "done". */
export interface WorkerAnswers {
  readonly "target-status": readonly TargetStatus[];
}

/** What a worker says without having been asked. */
export type Said =
  | ProbeNews
  | { readonly type: "requests"; readonly news: readonly RequestNews[] }
  /** A provider vouches for somebody whom the directory does not know, or not so. */
  | { readonly type: "user-seen"; readonly user: SeenUser }
  /** A client has sent it behind its own certificate: sessions that resume will not. DER. */
  | { readonly type: "client-issuer"; readonly der: Uint8Array }
  /** Connections that ended before a request. */
  | { readonly type: "connections-ended"; readonly ended: readonly EndedConnections[] }
  | { readonly type: "trace"; readonly trace: RequestTrace }
  | { readonly type: "policy-metrics"; readonly emitted: EmittedNews }
  /** Of the level that its API has, whatever the usual one is. */
  | {
      readonly type: "api-log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** What mirrors of requests have found. */
  | { readonly type: "shadow"; readonly news: ShadowNews }
  | { readonly type: "cache-problems"; readonly problems: CacheProblemCounts }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

export type FromWorker =
  | Said
  | { readonly type: "listening" }
  | { readonly type: "answer"; readonly ask: number; readonly value: WorkerAnswers[keyof WorkerAnswers] | null }
  /** `ask` null: it could not start, or nobody waits. */
  | { readonly type: "failed"; readonly ask: number | null; readonly message: string };
