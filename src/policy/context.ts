import type { NamedSchema, NamedXmlSchema } from "#model/operation-description.ts";
import type { Cache } from "#model/cache.ts";
import type { CertificateStatuses } from "#model/certificate-status.ts";
import type { StepResult } from "#model/decision.ts";
import type { Logger } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyMeter } from "#model/metrics.ts";
import type { FabricCluster } from "#model/fabric-cluster.ts";
import type { HeaderList } from "#model/header-list.ts";
import type { Connections, ConnectionUsers } from "#model/connection.ts";
import type { Messaging } from "#model/messaging.ts";
import type { ManagedIdentity } from "#model/managed-identity.ts";
import type { PolicyNode, Scope, Section } from "#model/policy-tree.ts";
import type { TrustedTokens } from "#model/token-trust.ts";
import type { BodyRoom } from "./body-room.ts";
import type { OwnCertificates } from "./own-certificates.ts";
import type { Transforms } from "./transforms/transforms.ts";
import type { PolicyObserver } from "./observer.ts";
import type {
  ApiLog,
  Clock,
  ConcurrencyCounters,
  Egress,
  EgressResponse,
  Log,
  QuotaCounters,
  RateLimiter,
  TokenVerifier,
} from "#model/ports.ts";

/** What policies reach the rest of the gateway through; made once per snapshot and worker. */
export interface PolicyPorts {
  readonly tokens: TokenVerifier;
  readonly trustedTokens: TrustedTokens;
  readonly rateLimiter: RateLimiter;
  /** 32-bit name of a counter family, stable over reloads. */
  readonly limiterId: (kind: string, calls: number, periodMs: number) => number;
  readonly quota: QuotaCounters;
  readonly concurrency: ConcurrencyCounters;
  readonly clock: Clock;
  readonly log: Log;
  /** For `trace`. */
  readonly apiLog: ApiLog;
  /** For `emit-metric`. */
  readonly policyMeter: PolicyMeter;
  /** For `log-to-eventhub`. */
  readonly loggers: readonly Logger[];
  /** For `validate-content`. */
  readonly schemas: readonly NamedSchema[];
  /** For the same, of XML. */
  readonly xmlSchemas: readonly NamedXmlSchema[];
  /** For Dapr's policies and `send-service-bus-message`. */
  readonly messaging: Messaging;
  /** For `set-backend-service`. */
  readonly fabricClusters: readonly FabricCluster[];
  readonly cache: Cache;
  /** Of the definition in force; null: it has none. */
  readonly externalCache?: () => Cache | null;
  /** Where bodies are kept that policies read whole. */
  readonly bodies: BodyRoom;
  /** For bodies that take long. */
  readonly transforms: Transforms;
  /** Names of the endings, in the order that `RequestDraft.ending` counts in. */
  readonly endings?: readonly string[];
  /** For `end-with` in on-error: makes a file of the ending the body of the error's response, where there is one. */
  readonly errorPage?: (exchange: Exchange, ending: number) => StepResult;
  /** For `find-file`: of a path, which of the ending's files it is; null where none is there. @returns null: no files */
  readonly findFile?: (ending: number) => ((path: string) => Promise<string | null>) | null;
  /** In the order that `RequestDraft.backend` counts in. */
  readonly backends: readonly BackendFacts[];
  /** Start of the first quota window, milliseconds since the epoch. Default 0. */
  readonly quotaAnchorMs?: number;
  /** For `forward-request`: sends the draft and fills `exchange.response`, or refuses. The pipeline's, as it holds the permit. */
  readonly forward?: Forward;
  /** For `forward-auth`. */
  readonly askAuthService?: AskAuthService;
  readonly managedIdentity: ManagedIdentity;
  readonly ownCertificates: OwnCertificates;
  readonly connections: Connections;
  readonly connectionUsers: readonly ConnectionUsers[];
  readonly certificateStatuses: CertificateStatuses;
  /** For calls of policies. Answers come without the fields of their connections. */
  readonly egress: Egress;
  /** What would go upstream now: the draft's fields, those of the client's connection left out, ours written. */
  readonly upstreamHeaders: (exchange: Exchange) => HeaderList;
  /** Told of every step and expression; absent: nothing is wrapped. */
  readonly observer?: PolicyObserver;
  /** For what is left to chance, 0 to below 1. Default: Math.random. */
  readonly random?: () => number;
  /** For waits between repetitions. Default: the system's timers. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface BackendFacts {
  readonly name: string;
  /** Absent where they are not known beforehand. */
  readonly targets?: readonly { readonly url: string }[];
}

/** @param timeoutMs time until the response's headers; undefined: the route's */
export type Forward = (exchange: Exchange, timeoutMs: number | undefined) => StepResult;

/** @throws GatewayError `upstream-…`, `egress-refused` when there is no answer */
export type AskAuthService = (exchange: Exchange, question: AuthQuestion) => Promise<EgressResponse>;

export interface AuthQuestion {
  /** Stands in the definition. */
  readonly url: string;
  /** Host is the one that the client asked for. */
  readonly preserveHost: boolean;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

/** Which policy it is, and where it stands. */
export interface StepPlace {
  readonly name: string;
  readonly id: string | undefined;
  readonly scope: Scope;
  readonly section: Section;
  /** `file:line` in the definition. */
  readonly at: string;
  /** Where it stands in its section: `choose[2]/when[1]/set-header`, counted from 1 where a name is not the only one. */
  readonly path: string;
  /** Holds other policies, which note their own outcomes. */
  readonly nests: boolean;
}

/** One policy, ready to run. */
export interface LinkedStep extends StepPlace {
  readonly run: Run;
}

/** What a policy's module gets to link one node. */
export interface LinkContext {
  readonly scope: Scope;
  readonly section: Section;
  readonly ports: PolicyPorts;
  /**
   * Links policies inside this one, in the same section and scope.
   * @param below part of this one that they stand in: `when[2]`
   */
  readonly link: (policies: readonly PolicyNode[], below?: string) => readonly LinkedStep[];
}

/**
 * @param signal of the branch that it runs in: aborted when another one has made this one needless. Undefined: it is
 *   wanted as long as the exchange is.
 */
export type Run = (exchange: Exchange, signal?: AbortSignal) => StepResult;

export type LinkPolicy = (node: PolicyNode, context: LinkContext) => Run;
