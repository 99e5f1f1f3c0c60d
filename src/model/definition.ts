import type { RedactionRules } from "./redaction.ts";
import type { AccessReason } from "./access-reasons.ts";
import type { ClaimNames, ProviderPreset } from "./provider-rules.ts";
import type { AssertionSettings, IdentityShown } from "./assertion.ts";
import type { BackendAuthorization } from "./backend-authorization.ts";
import type { Announcements } from "./announcements.ts";
import type { Approval } from "./approvals.ts";
import type { BasicAccess, BasicUsers } from "./basic-users.ts";
import type { BackendTarget, Balance, Sticky } from "./balancing.ts";
import type { Diagnostic, InsightsLogger } from "./diagnostics.ts";
import type { Discovery } from "./discovery.ts";
import type { AcmeSettings, FileCertificate, NamedCertificate } from "./certificates.ts";
import type { ShadowSettings } from "./shadow.ts";
import type { SourcePosition } from "./diagnostic.ts";
import type { CliLogin } from "./cli-login.ts";
import type { DeclaredCheck } from "./declared-check.ts";
import type { Connection } from "./connection.ts";
import type { Compression } from "./compression.ts";
import type { GroupLookup, UserInfoLookup } from "./group-lookup.ts";
import type { Handler } from "./handler.ts";
import type { LoginSettings } from "./login.ts";
import type { LogSettings } from "./logs.ts";
import type { ScimProvider } from "./scim.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Messaging, SharedAccessKey } from "./messaging.ts";
import type { FabricCluster } from "./fabric-cluster.ts";
import type { Expression, PolicyDocument } from "./policy-tree.ts";
import type { Retries } from "./retries.ts";
import type { Rotation } from "./rotation.ts";
import type { ActiveHealth, CircuitBreaker, OutlierEjection, PassiveHealth } from "./target-health.ts";
import type { QueryRule } from "./query-rule.ts";
import type { OperationDescription, NamedSchema, NamedXmlSchema, XmlSchema } from "./operation-description.ts";
import type { ExternalCacheSettings } from "./external-cache.ts";
import type { Secret } from "./secret.ts";
import type { SecretRotation } from "./secret-rotation.ts";
import type { RecordSinkSettings } from "./sinks.ts";
import type { OtlpSettings } from "./trace.ts";
import type { MarkedSecret } from "./marked-secret.ts";

/**
 * The definition after reading: one environment chosen, values filled in, secrets resolved, policies parsed and
 * checked, OpenAPI documents turned into operations. Names are unique within their kind; references are checked.
 * Durations are in milliseconds, sizes in bytes.
 */
export interface Definition {
  readonly environment: string;
  /** The environment is called `prod` or `production`, or says `production: true`. */
  readonly production: boolean;
  /** Where this environment's policies are others than elsewhere, on purpose; absent: nowhere. */
  readonly exceptions?: readonly PolicyException[];
  readonly edge: EdgeSettings;
  /** Null: no name needs a certificate of a public authority, and none may on demand. */
  readonly acme: AcmeSettings | null;
  /** They go before all others. */
  readonly certificates: readonly FileCertificate[];
  readonly namedCertificates: readonly NamedCertificate[];
  readonly providers: readonly Provider[];
  /** Users with passwords of the definition's own; absent: there are none. */
  readonly basicUsers?: readonly BasicUsers[];
  /** Header field with the token of whoever acts for a caller, lower case; absent: nobody shows one. */
  readonly actorHeader?: string;
  /** What this gateway is for the directories that it asks for groups, one for each provider with `graph`; in `tokenUrl` the tenant's mark. */
  readonly groupReaders: readonly Connection[];
  /** Null: nobody logs in here. */
  readonly login: LoginSettings | null;
  /** Providers that keep their users and groups here. */
  readonly scim: readonly ScimProvider[];
  /** Null: it says nothing of it. */
  readonly cliLogin: CliLogin | null;
  /** Null: nobody is to be told who calls by assertions. */
  readonly assertion: AssertionSettings | null;
  readonly connections: readonly Connection[];
  readonly messaging: Messaging;
  readonly fabricClusters: readonly FabricCluster[];
  readonly egress: EgressSettings;
  readonly audit: AuditSettings;
  /** Who else gets the record. */
  readonly sinks: readonly RecordSinkSettings[];
  readonly analytics: AnalyticsSettings;
  /** Null: nothing is exported. */
  readonly telemetry: OtlpSettings | null;
  /** What is told of the requests of all APIs; absent: nothing, unless one says so itself. */
  readonly diagnostic?: Diagnostic;
  /** Instances of Application Insights that diagnostics name. Absent: there are none. */
  readonly insights?: readonly InsightsLogger[];
  readonly logs: LogSettings;
  readonly admin: AdminSettings;
  readonly cache: CacheSettings;
  readonly deployment: Deployment;
  /** How refusals look, unless an API says its own. */
  readonly errors: ErrorFormat;
  /** Global scope. */
  readonly policies: PolicyDocument;
  readonly apis: readonly Api[];
  /** Null: nobody is told of access requests. */
  readonly announcements: Announcements | null;
  readonly approvals: readonly Approval[];
  readonly backends: readonly Backend[];
  readonly endings: readonly Ending[];
  readonly loggers: readonly Logger[];
  /** What `sallyport verify` asks a running gateway; absent: nothing but what follows from the rest. */
  readonly checks?: readonly DeclaredCheck[];
  /** Secrets that are changed by a schedule; absent: none is. */
  readonly secretRotations?: readonly SecretRotation[];
  /** For `validate-content`. */
  readonly schemas: readonly NamedSchema[];
  readonly xmlSchemas: readonly NamedXmlSchema[];
  readonly products: readonly Product[];
  readonly subscriptions: readonly SubscriptionDeclaration[];
  readonly acmeServers: readonly AcmeServerDeclaration[];
  /** Some secret comes from a vault, and is to be read again now and then. */
  readonly usesVault: boolean;
  /** Every file that was read (absolute): what a reload watches. Secret files are included. */
  readonly files: readonly string[];
}

/** One argument of one policy that is another in one environment. */
export interface PolicyException {
  readonly name: string;
  /** `apis.orders.policies.inbound rate-limit.calls`. */
  readonly place: string;
  /** What it would be without; null: it is not written. */
  readonly instead: string | null;
  /** As it is written here. */
  readonly value: string;
  readonly reason: string;
  readonly approvedBy: string;
  /** Its last day, in UTC: `2027-01-31`. */
  readonly until: string;
  readonly at: SourcePosition;
}

/** `host` is an IP literal or `localhost`; port 0 lets the system choose (tests). */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket. */
export interface ListenSocket {
  /** Absolute. */
  readonly path: string;
  /** Permissions of its file, 0o200 to 0o777: whoever may write to it may connect. */
  readonly mode: number;
  /** Once it is bound: a descriptor of it for this listener alone, which closes it. */
  readonly fd?: number;
}

export type ListenPlace = ListenAddress | ListenSocket;

export type ListenerKind = "https" | "http";

export interface EdgeSettings {
  /** Default 0.0.0.0:443 and [::]:443 are not assumed: the default is `[{ host: "::", port: 8443 }]`. */
  readonly https: readonly ListenPlace[];
  /** Redirects to HTTPS; with `tls: "off"` serves the APIs in clear. Default `[{ host: "::", port: 8080 }]`. */
  readonly http: readonly ListenPlace[];
  /** Listeners where a proxy of `trustedProxies` says first who the client is, and where nobody else gets in. */
  readonly proxyProtocol: readonly ListenerKind[];
  /** Where clients reach the listeners from outside, when ports are mapped on the way; null: at the port that is bound. */
  readonly advertisedPorts: { readonly https: number | null; readonly http: number | null };
  /** `internal`: HTTPS, whoever the certificates are of. `off`: clear text only, for a trusted TLS edge in front. */
  readonly tls: "internal" | "off";
  /** Addresses and CIDR ranges of proxies whose forwarded headers are believed; `unix`: whoever comes over a Unix socket. */
  readonly trustedProxies: readonly string[];
  /** What the proxy in front proves itself by, instead of an address; null: nothing. Without it a request is refused. */
  readonly proxySecret: HeaderSecret | null;
  /** `Forwarded` (RFC 7239) is written for upstreams beside the X-Forwarded fields. */
  readonly forwardedHeader: boolean;
  /** Clients of the HTTPS listeners are asked for a certificate; null: they are not. */
  readonly clientCertificates: ClientCertificateSettings | null;
  /** Where APIs are served over clear text although HTTPS is on: those that name a port of `http`. Absent: nowhere. */
  readonly clearPlaces?: readonly ClearPlace[];
  /** HTTPS listeners that have a setting of their own instead. */
  readonly listenerCertificates: readonly ListenerCertificates[];
  readonly hsts: { readonly maxAgeSeconds: number; readonly includeSubDomains: boolean } | null;
  /** Header names with `_` or `.` that may pass (lower case). */
  readonly allowedHeaderNames: readonly string[];
  /** Where other proxies ask whether a request may pass; null: nowhere. */
  readonly forwardAuth: ForwardAuthSettings | null;
  readonly limits: EdgeLimits;
}

/** The door for proxies that forward by themselves and ask about each request: Caddy's forward_auth and its like. */
export interface ForwardAuthSettings {
  /** Normalised, no slash at its end. */
  readonly path: string;
  /** Hosts it answers at; empty: any. */
  readonly hosts: readonly string[];
  /** Addresses and CIDR ranges that may ask, or `unix`; empty: whoever has the secret. */
  readonly callers: readonly string[];
  /** What each question must carry; null: the address is enough. */
  readonly secret: HeaderSecret | null;
  /**
   * Where the question stands. `headers`: in X-Forwarded-Method, -Proto, -Host and -Uri. `path`: method and Host are
   * the request's own, and its target comes behind `path` (Envoy).
   */
  readonly question: "headers" | "path";
  /** A browser that should log in gets 401 with a Location, for proxies that pass no redirect on; absent: the redirect. */
  readonly login?: "status";
}

/** A header field by which a proxy proves itself. Its digest alone reaches the workers. */
export interface HeaderSecret {
  /** Lower case. */
  readonly header: string;
  /** Keeps the value out of the hash of the definition. */
  readonly secret: true;
  /** SHA-256 of the field's value, base64. */
  readonly value: string;
}

/** Hosts (`*.` patterns among them) that are served in clear at a port; none: any. */
export interface ClearPlace {
  readonly port: number;
  readonly hosts: readonly string[];
}

export interface ListenerCertificates {
  /** As `placeText` writes it. */
  readonly place: string;
  /** Null: clients are not asked here. */
  readonly settings: ClientCertificateSettings | null;
}

export interface ClientCertificateSettings {
  /** `require`: a request without a verified certificate is refused, whatever it is for. */
  readonly mode: "request" | "require";
  /** Certificates of the authorities that are trusted, PEM. */
  readonly ca: string;
  /** The internal CA is trusted as well. */
  readonly internalCa: boolean;
}

export interface EdgeLimits {
  /** Default 16 KiB. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Default 100 MiB; a route may lower or raise it. */
  readonly bodyBytes: number;
  /** Of a body that policies read whole. Default 10 MiB. */
  readonly policyBodyBytes: number;
  /** Of a thread's time, for one expression in C#; five times as much for all of a request. */
  readonly expressionMs: number;
  readonly headersTimeoutMs: number;
  /** Longest time between two pieces of a body. */
  readonly bodyIdleTimeoutMs: number;
  /** Idle keep-alive connection. */
  readonly idleTimeoutMs: number;
  /** Longest silence on a WebSocket, on another switched connection, or within an event stream. */
  readonly streamIdleTimeoutMs: number;
  readonly connections: number;
  /** How long a shutdown waits for what is in flight. */
  readonly drainMs: number;
}

/** An OpenID provider whose tokens are accepted. */
export interface Provider {
  readonly name: string;
  /** Absent: any provider. */
  readonly preset?: ProviderPreset;
  /** Exact `iss`; with {@link tenantMark} in it, one for each of the tenants. */
  readonly issuer: string;
  /** Where metadata is asked for, when it is not the issuer. */
  readonly discovery?: string;
  /** Whose tokens are good, of an issuer that serves many; absent: the issuer's. */
  readonly tenants?: readonly string[];
  /** Client ids that are agents. */
  readonly agents?: readonly string[];
  /**
   * `required`: its tokens must be bound to a key (RFC 9449); `optional`: clients are told that they may be. Absent: they
   * are not told; a token that is bound needs a proof all the same.
   */
  readonly dpop?: "optional" | "required";
  /** Proofs must hold a nonce of this gateway's own. */
  readonly dpopNonces?: true;
  /** PEM of further certificate authorities for the provider's own HTTPS. */
  readonly ca?: string;
  /** Its keys are those of the cluster that this gateway runs in. */
  readonly inCluster?: ClusterAccess;
  /** Groups are asked for; absent: they are what the token says. */
  readonly graph?: GroupLookup;
  readonly userInfo?: UserInfoLookup;
  /** `aud` values this gateway answers for: declared ones, the client id, and those of `validate-jwt` policies that name the provider. */
  readonly audiences: readonly string[];
  readonly clientId?: string;
  readonly clockSkewMs: number;
  /** Accepted signature algorithms; empty: whatever asymmetric algorithm the issuer's keys are for. */
  readonly algorithms: readonly string[];
  /** Claim names (dotted paths) that fill the Principal. */
  readonly claims: ClaimNames;
  /** Its people as users here; null: nothing but what is done with a user who is blocked. */
  readonly users: ProviderUsers | null;
  /** How long keys are used when the provider cannot be reached. Default 24 h. */
  readonly staleKeysMs: number;
  readonly at: SourcePosition;
}

/** How a pod reaches the API server of its cluster. */
export interface ClusterAccess {
  /** URL without a slash at its end. */
  readonly server: string;
  /** Absolute names of files. */
  readonly tokenFile: string;
  readonly caFile: string;
}

/** How the people and clients of a provider become users of the directory. */
export interface ProviderUsers {
  /** Whoever comes with a good token for the first time becomes one. */
  readonly provision: boolean;
  /** Whoever is none is refused: users are made by SCIM, or by hand. */
  readonly required: boolean;
  /** Where the principal's groups come from. */
  readonly groups: "token" | "directory";
}

export interface EgressSettings {
  /** `scheme://host[:port]` patterns (`*.` prefix allowed) that computed destinations may match. */
  readonly allow: readonly string[];
}

export interface AuditSettings {
  /**
   * `batched`: a record is on the disk within `syncMs` of its end. `strict`: nothing is forwarded before it is on the disk
   * that it is about to be, and no response ends before its record is there.
   */
  readonly durability: "batched" | "strict";
  /** Segment files are closed at this size. Default 64 MiB. */
  readonly segmentBytes: number;
  /** Written within this time (default 100 ms) and synced within `syncMs` (default 1 s). */
  readonly flushMs: number;
  readonly syncMs: number;
  readonly redact: RedactionRules;
  /** What becomes of a segment that is closed. */
  readonly compress: "off" | "zstd";
  readonly retention: AuditRetention;
  /** Who keeps checkpoints of the record; null: nobody. */
  readonly witness: AuditWitness | null;
}

/** What is beyond either is deleted, by whole segments, oldest first; null: no bound. */
export interface AuditRetention {
  readonly maxBytes: number | null;
  readonly maxAgeMs: number | null;
  /** How much more is kept of what a sink has not taken yet. Default: as much again. */
  readonly behindBytes: number | null;
  readonly behindAgeMs: number | null;
}

/** A witness for transparency logs. @see https://c2sp.org/tlog-witness */
export interface AuditCosigner {
  /** Its submission prefix. */
  readonly url: string;
  /** Its public key, in the form `name+id+base64`. */
  readonly key: string;
}

/** One of the three at least. */
export interface AuditWitness {
  /** Each checkpoint is posted there. */
  readonly url: string | null;
  /** And appended there. */
  readonly file: string | null;
  /** And cosigned there. */
  readonly cosigner: AuditCosigner | null;
  /** The newest one, this often when there is something new. Default 10 s. */
  readonly everyMs: number;
}

/** How long counts of requests are kept, in milliseconds. */
export interface AnalyticsSettings {
  /** Those of each minute. Default 48 h. */
  readonly minute: number;
  /** Of each hour. Default 35 days. */
  readonly hour: number;
  /** Of each day. Default 400 days. */
  readonly day: number;
}

/** Where the admin API is served, and to whom. */
export interface AdminSettings {
  /** On a Unix socket in the data folder, for the process's own user. */
  readonly socket: boolean;
  /** Over TCP as well; null: not at all. */
  readonly remote: RemoteAdmin | null;
  readonly history: { readonly keep: number; readonly maxAgeMs: number };
}

/** Over TCP there is always TLS, and every call has a token and a role. */
export interface RemoteAdmin {
  readonly listen: ListenAddress;
  /** Names it is called by, beside the address itself; lower case. */
  readonly hosts: readonly string[];
  /** null: of the internal CA. */
  readonly tls: { readonly certificate: string; readonly key: Secret } | null;
  /** Name of the provider. */
  readonly provider: string;
  readonly audience: string;
  /** null: nobody has it. An operator may do what a viewer may. */
  readonly roles: { readonly viewer: RoleRule | null; readonly operator: RoleRule | null };
  readonly at: SourcePosition;
}

export type RoleRule =
  | { readonly kind: "group"; readonly group: string }
  | { readonly kind: "cel"; readonly condition: Expression };

/** What the caching policies may keep. */
export interface CacheSettings {
  /** Of everything that is kept in memory. Default 64 MiB. */
  readonly bytes: number;
  /** Of one entry, also outside. Default 1 MiB. */
  readonly entryBytes: number;
  /** Absent: there is none. */
  readonly external?: ExternalCacheSettings;
}

export interface AccessRule {
  readonly effect: "allow" | "deny";
  readonly condition: Expression;
  /** Of the refusal: a deny rule's when it holds, an allow rule's when no allow rule does. */
  readonly reason?: AccessReason;
}

/** Who may call. `unsaid` is legal on an API only when every operation says it, or a product does. */
export type Access =
  | { readonly kind: "unsaid" }
  | { readonly kind: "public" }
  | { readonly kind: "rules"; readonly rules: readonly AccessRule[] };

export interface Api {
  readonly name: string;
  readonly displayName: string;
  /** Lower-case host names; `*.example.com` matches one label; empty: any host. */
  readonly hosts: readonly string[];
  /** Normalised, starts with `/`, no trailing slash (root is `/`). */
  readonly path: string;
  /** Ports of the gateway's own that it is served at; absent: all of its listeners, but for those in clear where HTTPS is on. */
  readonly ports?: readonly number[];
  /** Null: it has no versions. A version by segment is in `path` already. */
  readonly version: ApiVersion | null;
  /** Null: it has no revisions. */
  readonly revision: ApiRevision | null;
  /** Proxies whose forwarded headers are believed for its requests, besides those of the edge. */
  readonly trustedProxies: readonly string[];
  readonly backend: string | null;
  /** A request without a verified client certificate is refused. */
  readonly clientCertificate: boolean;
  /** What answers its operations, unless one says its own. */
  readonly handler: Handler;
  /** Null: responses go out as they are. */
  readonly compression: Compression | null;
  /** Null: it is served. */
  readonly maintenance: Maintenance | null;
  readonly access: Access;
  readonly policies: PolicyDocument;
  readonly operations: readonly Operation[];
  readonly subscriptionKey: { readonly header: string; readonly query: string; readonly forward: boolean };
  readonly errors: ErrorFormat;
  readonly bodyBytes: number | null;
  /** Time until the response's headers. Default 60 s. */
  readonly timeoutMs: number;
  /** Methods that may be tried again; null: those of the backend. */
  readonly retryMethods: readonly string[] | null;
  /** Proxies may ask about its requests: {@link ForwardAuthSettings}. */
  readonly forwardAuth: boolean;
  /** What its own destination is told of who calls; absent: what the backend says. */
  readonly identity?: IdentityShown;
  /** Users of a list with passwords are an identity here; absent: nobody is by a password. */
  readonly basic?: BasicAccess;
  /** Sessions of people who have logged in are an identity here; where nobody logs in it means nothing. */
  readonly login: boolean;
  /** Protocols that GET requests may switch to, lower case; null: `websocket`, where no policy rewrites the body. */
  readonly upgrades: readonly string[] | null;
  /** Instead of what the definition says; absent: that. */
  readonly diagnostic?: Diagnostic;
  /** An old gateway is asked as well, to compare; absent: none is. */
  readonly shadow?: ShadowSettings | null;
  /** In GraphQL's schema language; absent: it has none. */
  readonly graphqlSchema?: string;
  /** A request for its own path asks the backend's URL as it is. Absent: with a slash behind it. */
  readonly rootSlash?: false;
  /** Of its WSDL; absent: it has none, or no policy asks for it. */
  readonly xmlSchema?: XmlSchema;
  readonly at: SourcePosition;
}

/** What answers by name, for the policy `end-with`. */
export interface Ending {
  readonly name: string;
  readonly handler: Handler;
}

export interface ApiVersion {
  readonly set: string;
  /** Empty: what is served when no version is asked for. */
  readonly name: string;
  /** Where a request says which one it wants. */
  readonly scheme: { readonly kind: "segment" } | { readonly kind: "header" | "query"; readonly parameter: string };
  /** It is also served when no version is asked for. */
  readonly isDefault: boolean;
}

export interface ApiRevision {
  /** 1 to 999,999. */
  readonly number: number;
  /** Served at the path itself; another one only with `;rev=` and its number. */
  readonly current: boolean;
}

/** Where this gateway stands, as expressions see it. */
export interface Deployment {
  readonly region: string;
  readonly serviceName: string;
  readonly gatewayId: string;
}

/** How refusals look: problem+json of RFC 9457, API Management's own two members, or a status and nothing else. */
export type ErrorFormat = "problem" | "api-management" | "empty";

export interface Operation {
  /** Unique within its API: OpenAPI's operationId, or `get-orders-id`. */
  readonly name: string;
  readonly displayName: string;
  /** Upper case; `*` for any. */
  readonly method: string;
  /** Below the API's path: `/`, `/{id}`, `/files/{*rest}`. */
  readonly template: string;
  /** Besides the path; absent: whatever the query is. */
  readonly query?: readonly QueryRule[];
  /** Null: the API's. */
  readonly backend: string | null;
  /** Null: the API's. */
  readonly handler: Handler | null;
  /** Null: the API's. */
  readonly bodyBytes: number | null;
  /** Null: the API's. */
  readonly clientCertificate: boolean | null;
  readonly upgrades: readonly string[] | null;
  /** Instead of what the API says; absent: that. */
  readonly diagnostic?: Diagnostic;
  /** Instead of what the API says; null: none is asked; absent: what the API says. */
  readonly shadow?: ShadowSettings | null;
  readonly access: Access;
  readonly policies: PolicyDocument;
  /** For `mock-response`: status → content type → example bodies. */
  /** What its messages must look like; null: not described, or nothing validates them. */
  readonly description: OperationDescription | null;
  readonly examples: readonly ResponseExample[];
  readonly at: SourcePosition;
}

export interface ResponseExample {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `auto`: what ALPN chooses over TLS, else HTTP/1.1. `h2`: over TLS; `h2c`: over clear text, by prior knowledge. */
export type UpstreamProtocol = "auto" | "http/1.1" | "h2" | "h2c";

export interface BackendTls {
  /** PEM, leaf first; null when the upstream asks for none. */
  readonly certificate: string | null;
  readonly keyPem: string | null;
  /** In SNI, and what the upstream's certificate must be for; null: the URL's host. */
  readonly serverName: string | null;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
}

/**
 * What the gateway shows to a backend, beside or instead of what the client sent. Marked where it came from a secret,
 * so that it does not count in the definition's hash.
 */
export interface BackendCredential {
  /** Of a header field or a query parameter, as it is written. */
  readonly name: string;
  readonly secret?: true;
  /** Where a secret was read from. It counts in the hash. */
  readonly origin?: string;
  readonly value: string;
}

export interface BackendCredentials {
  /** Several of one name are sent in their order. Authorization is among them. */
  readonly headers: readonly BackendCredential[];
  /** Not encoded. */
  readonly query: readonly BackendCredential[];
}

export interface Backend {
  readonly name: string;
  /** None where they are discovered. */
  readonly targets: readonly BackendTarget[];
  readonly discover: Discovery | null;
  readonly balance: Balance;
  readonly sticky: Sticky | null;
  readonly retries: Retries | null;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  /** Connections per worker and address. */
  readonly maxConnections: number;
  /** Requests that wait for a connection; more are refused with 503. */
  readonly maxWaiting: number;
  readonly protocol: UpstreamProtocol;
  /** `upstream`: the upstream's own name in Host and SNI. Default `preserve` for http, `upstream` for https. */
  readonly host: "preserve" | "upstream";
  /** PEM file of extra CAs for this upstream, read at load. */
  readonly ca: string | null;
  /** What is shown to the upstream over TLS, and asked of it; null: nothing but a good certificate of its own. */
  readonly tls: BackendTls | null;
  /** Each connection names the client that it is made for, and carries no other's requests. */
  readonly proxyProtocol: "v1" | "v2" | null;
  /** Null: requests go as they are. */
  readonly credentials: BackendCredentials | null;
  /** Absent: the original. */
  readonly authorization?: BackendAuthorization;
  /** What it is told of who calls; absent: header fields. */
  readonly identity?: IdentityShown;
  /** Null: no active check. */
  readonly health: ActiveHealth | null;
  readonly passiveHealth: PassiveHealth | null;
  readonly circuitBreaker: CircuitBreaker | null;
  readonly outliers: OutlierEjection | null;
  /** Until a target that came back has all its weight; 0: at once. */
  readonly slowStartMs: number;
  /** Requests of one worker under way at one target; more go elsewhere, or are refused. */
  readonly maxActive: number;
  readonly at: SourcePosition;
}

/** Where `log-to-eventhub` sends its events. */
export interface Logger {
  readonly name: string;
  readonly url: string;
  /** Value of the field Authorization. Marked, so that it does not count in the definition's hash. */
  readonly authorization: MarkedSecret | null;
  /** Of Event Hubs: a token for each event is made by the key, or is the gateway's own identity's. Null: neither. */
  readonly sender: SharedAccessKey | { readonly clientId: string } | null;
  readonly contentType: string;
  readonly at: SourcePosition;
}

export interface Product {
  readonly name: string;
  readonly displayName: string;
  readonly apis: readonly string[];
  readonly subscription: ProductSubscription;
  /** Who is in it by identity: whoever one of these holds for; null: everybody who is known. */
  readonly members: readonly RoleRule[] | null;
  /** A new subscription waits for somebody to approve it. */
  readonly approvalRequired: boolean;
  /** Of one user, at a time; null: any number. */
  readonly subscriptionsLimit: number | null;
  /** Groups whose members may subscribe to it; `administrators` always may. */
  readonly groups: readonly string[];
  /** Users may subscribe to it. Keys are good either way. */
  readonly isPublished: boolean;
  /** Of the keys of its subscriptions; absent: by nobody but their owners. */
  readonly rotation?: Rotation;
  readonly policies: PolicyDocument;
  readonly at: SourcePosition;
}

/**
 * What puts a request into a product's context. `open`: nothing is needed; one without a key and without an identity
 * that another product takes is in it.
 */
export type ProductSubscription = "key" | "identity" | "either" | "open";

export type SubscriptionScope =
  | { readonly kind: "product"; readonly product: string }
  | { readonly kind: "api"; readonly api: string }
  | { readonly kind: "all" };

/** Certificates of the internal CA for services of the team, over ACME. */
export interface AcmeServerDeclaration {
  /** Of the API that it answers at. */
  readonly api: string;
  /** The API's own names; none: any. */
  readonly hosts: readonly string[];
  /** Host names, `*.` for one label and `**.` for any number, addresses and CIDR ranges that certificates may be for. */
  readonly allow: readonly string[];
  readonly lifetimeMs: number;
  /** Address ranges that a validation may dial; null: all but those that nobody's service is at. */
  readonly dial: readonly string[] | null;
  /** With at least one, every account must be bound to one of them (RFC 8555 §7.3.4). */
  readonly externalAccounts: readonly ExternalAccountDeclaration[];
}

export interface ExternalAccountDeclaration {
  /** The key id. */
  readonly name: string;
  /** HMAC key, base64url. */
  readonly key: Secret;
  /** Null: the server's. */
  readonly allow: readonly string[] | null;
  readonly spiffeId: string | null;
}

export interface SubscriptionDeclaration {
  readonly name: string;
  readonly scope: SubscriptionScope;
  readonly primaryKey: Secret;
  readonly secondaryKey: Secret | null;
  readonly state: "active" | "suspended";
  readonly displayName: string | null;
  /** Id of a user; null: nobody's. */
  readonly owner: string | null;
  /** Milliseconds since the epoch, when it expires; null: never. */
  readonly endsAt: number | null;
  /** Instead of its product's. */
  readonly rotation?: Rotation;
  readonly at: SourcePosition;
}
