import type { EntryAnswer, EntryQuestion } from "#config/entries/answer.ts";
import type { Answer, Question } from "#analytics/question.ts";
import type { StepResult } from "#model/decision.ts";
import type { ProductSubscription } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { ApiLevel, LogLevel } from "#model/logs.ts";
import type { OutboxEntry, OutboxState } from "#model/outbox.ts";
import type { TargetCondition } from "#model/target-health.ts";
import type { AccessRequests } from "#products/access-requests.ts";
import type { RevocationUseCases } from "#products/revocations.ts";
import type { Subscriptions } from "#products/subscriptions.ts";
import type { Users } from "#products/users.ts";
import type { KeyRotations } from "#products/key-rotations.ts";
import type { KeyReports } from "#products/key-reports.ts";
import type { ListedSession } from "#model/session.ts";
import type { RotationStage } from "#model/rotation.ts";
import type { ShadowDifference, ShadowOutcome } from "#model/shadow.ts";
import type { DebugCredential, RequestTrace } from "#model/tracing.ts";
import type { Rotation } from "#model/rotation.ts";
import type { CertificateRow } from "./certificate-row.ts";
import type { ConfigurationPort } from "./configuration/port.ts";
import type { Format } from "./metrics/exposition.ts";

/** What the gateway is doing, as plain data. */
export interface StatusFacts {
  readonly version: string;
  readonly node: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly environment: string;
  readonly production: boolean;
  readonly configHash: string;
  readonly workers: number;
  readonly listeners: readonly ListenerFacts[];
  readonly apis: number;
  readonly operations: number;
}

/** Where clients are served: an address, or the path of a Unix socket. */
export type ListenerFacts =
  | { readonly scheme: "http" | "https"; readonly host: string; readonly port: number }
  | { readonly scheme: "http" | "https"; readonly path: string };

export interface UpstreamState {
  readonly backend: string;
  readonly urls: readonly string[];
  /** Whether the backend is checked actively. */
  readonly checked: boolean;
  /** Those in use: with discovery, those of the last answer. */
  readonly targets: readonly TargetState[];
}

export interface TargetState {
  readonly target: string;
  readonly weight: number;
  readonly priority: number;
  /** Requests under way. */
  readonly active: number;
  /** How many workers find it so. */
  readonly conditions: Readonly<Partial<Record<TargetCondition, number>>>;
}

/** A product of the definition in force. */
export interface ProductState {
  readonly name: string;
  readonly displayName: string;
  readonly subscription: ProductSubscription;
  readonly apis: readonly string[];
  readonly approvalRequired: boolean;
  readonly subscriptionsLimit: number | null;
  readonly groups: readonly string[];
  readonly isPublished: boolean;
  /** Of the keys of its subscriptions; absent: there is no schedule. */
  readonly rotation?: Rotation;
}

export interface UpstreamStates {
  /** A worker that does not answer in time is left out. */
  readonly workers: { readonly asked: number; readonly answered: number };
  readonly upstreams: readonly UpstreamState[];
}

/** Sessions of people who have logged in, as an administrator sees them. */
export interface SessionsPort {
  /** By handle. */
  list(page: { readonly after: string | null; readonly limit: number }): Promise<readonly ListedSession[]>;
  /** False: there is none. */
  end(handle: string): Promise<boolean>;
  /** All of a person. @returns how many */
  endOf(provider: string, subject: string): Promise<number>;
}

/** Messages about access requests that are not sent yet, or were given up. */
export interface AnnouncementsPort {
  /** The oldest first. */
  readonly list: (
    state: OutboxState | null,
    page: { readonly after: string | null; readonly limit: number },
  ) => Promise<readonly OutboxEntry[]>;
  /** Tries one that was given up anew; null: there is none. */
  readonly resend: (id: string) => Promise<OutboxEntry | null>;
}

/** What requests are traced, and what was. */
export interface TracingPort {
  /** Names of the APIs in force. */
  readonly apis: () => readonly string[];
  /** Null: there are too many already. */
  readonly issue: (
    api: string | null,
    lifeMs: number,
  ) => Promise<{ readonly credential: DebugCredential; readonly token: string } | null>;
  readonly credentials: () => readonly DebugCredential[];
  /** False: there is none. */
  readonly end: (id: string) => Promise<boolean>;
  /** Newest first. */
  readonly traces: () => readonly RequestTrace[];
  readonly find: (id: string) => RequestTrace | undefined;
}

/** A secret with a schedule. */
export interface SecretState {
  readonly name: string;
  /** Where it is read from. */
  readonly origin: string;
  readonly maker: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly since: number;
  readonly dueAt: number;
  readonly stage: RotationStage;
  /** A new one is made, and not in use yet. */
  readonly isChanging: boolean;
  /** When the one before is dropped; null: there is none to drop. */
  readonly oldUntil: number | null;
}

export interface SecretsPort {
  status(): Promise<readonly SecretState[]>;
  /** @returns null: there is none of the name @throws GatewayError `secret-rotation-failed`: the one before goes on */
  rotate(name: string, isEmergency: boolean): Promise<SecretState | null>;
}

/** Levels of the operational log. */
export interface LogLevelsPort {
  /** Of all APIs that have no other. */
  readonly usual: LogLevel;
  /** Names of the APIs in force. */
  readonly apis: () => readonly string[];
  /** Whether an API in force has an operation of this name. */
  readonly hasOperation: (api: string, operation: string) => boolean;
  readonly levels: () => readonly ApiLevel[];
  readonly set: (api: string, operation: string | null, level: LogLevel, lifeMs: number) => Promise<ApiLevel>;
  readonly reset: (api: string, operation: string | null) => Promise<void>;
}

/** How answers of old gateways differ. */
export interface ShadowPort {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Differences that there was no room for. */
  readonly dropped: number;
  /** By API. */
  readonly totals: ReadonlyMap<string, Readonly<Record<ShadowOutcome, number>>>;
  /** The most frequent first. */
  readonly differences: readonly (ShadowDifference & { readonly firstAt: number })[];
  clear(): void;
}

/** Counts of requests. */
export interface AnalyticsPort {
  /** @throws GatewayError `client-malformed` when it asks for too much, `store-unavailable` */
  ask(question: Question): Promise<Answer>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What the admin API needs of the rest of the gateway. */
export interface AdminPorts {
  readonly configuration: ConfigurationPort;
  /** Reads or changes single entries of a definition's text, on a thread of its own. */
  readonly entry: (text: string, question: EntryQuestion) => Promise<EntryAnswer>;
  readonly status: () => StatusFacts;
  readonly certificates: () => readonly CertificateRow[];
  /** PEM; empty without an internal CA. */
  readonly internalRoots: () => string;
  readonly metrics: (format: Format) => Promise<string>;
  readonly upstreams: () => Promise<UpstreamStates>;
  readonly products: () => readonly ProductState[];
  readonly subscriptions: Subscriptions;
  readonly users: Users;
  readonly access: AccessRequests;
  readonly announcements: AnnouncementsPort;
  readonly revocations: RevocationUseCases;
  readonly sessions: SessionsPort;
  readonly analytics: AnalyticsPort;
  readonly keyReports: KeyReports;
  readonly keyRotations: Pick<KeyRotations, "status" | "rotate" | "endOld" | "old">;
  readonly secrets: SecretsPort;
  readonly tracing: TracingPort;
  readonly logLevels: LogLevelsPort;
  readonly shadow: ShadowPort;
  /** For calls over TCP: whose token it is becomes `exchange.principal`. */
  readonly authenticate: (exchange: Exchange) => StepResult;
}
