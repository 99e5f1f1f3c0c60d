import type {
  ApiRevision,
  Ending,
  Deployment,
  ErrorFormat,
  ProductSubscription,
  AccessRule,
  AuditSettings,
  Backend,
  CacheSettings,
  EdgeSettings,
  EgressSettings,
  Logger,
  Provider,
  ResponseExample,
  RoleRule,
} from "./definition.ts";
import type { IdentityShown } from "./assertion.ts";
import type { NamedCertificate } from "./certificates.ts";
import type { BasicAccess, BasicUsers } from "./basic-users.ts";
import type { Compression } from "./compression.ts";
import type { ShadowSettings } from "./shadow.ts";
import type { Diagnostic } from "./diagnostics.ts";
import type { Handler } from "./handler.ts";
import type { Maintenance } from "./maintenance.ts";
import type { ConnectionUsers } from "./connection.ts";
import type { QueryRule } from "./query-rule.ts";
import type { OperationDescription, NamedSchema, NamedXmlSchema, XmlSchema } from "./operation-description.ts";
import type { FabricCluster } from "./fabric-cluster.ts";
import type { Messaging } from "./messaging.ts";
import type { TraceSettings } from "./trace.ts";
import type { PolicyNode, Scope } from "./policy-tree.ts";

/**
 * What the workers run: plain data, cloned to each of them, frozen, linked there into closures. Everything refers
 * to everything by index, so that look-ups on a request's way are array reads.
 */
export interface Snapshot {
  /** SHA-256 of the definition's canonical form, hex: what the record calls `configHash`. */
  readonly hash: string;
  readonly environment: string;
  readonly edge: EdgeSettings;
  readonly egress: EgressSettings;
  readonly audit: AuditSettings;
  readonly cache: CacheSettings;
  /** Null: what a client says of a trace goes on as it came. */
  readonly traces: TraceSettings | null;
  /** Those of all routes; absent: none is told of. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Index in `diagnostics` of what is told of requests that find no operation; absent: nothing is. */
  readonly unroutedDiagnostic?: number;
  readonly deployment: Deployment;
  /** Of what is no API's. */
  readonly errors: ErrorFormat;
  readonly providers: readonly Provider[];
  readonly basicUsers?: readonly BasicUsers[];
  readonly actorHeader?: string;
  readonly backends: readonly Backend[];
  readonly endings: readonly Ending[];
  readonly loggers: readonly Logger[];
  /** For `validate-content`. */
  readonly schemas: readonly NamedSchema[];
  readonly xmlSchemas: readonly NamedXmlSchema[];
  readonly namedCertificates: readonly NamedCertificate[];
  readonly messaging: Messaging;
  readonly fabricClusters: readonly FabricCluster[];
  readonly connectionUsers: readonly ConnectionUsers[];
  readonly apis: readonly ApiFacts[];
  readonly products: readonly ProductFacts[];
  readonly routes: readonly Route[];
  readonly router: RouterTable;
  readonly chains: readonly Chain[];
  /**
   * The chain whose on-error runs where a request finds no operation: the global one, as API Management has it. -1: a
   * definition with refusals of our own words runs no policy for such a request.
   */
  readonly unroutedChain: number;
  /** Names that no certificate is there for may get one while their handshake waits. */
  readonly certificatesOnDemand: boolean;
  /** Hosts at which `/.sallyport` is the gateway's own; `*` is every host, `*.` stands for one label. */
  readonly siteHosts: readonly string[];
  /** Host names that certificates are needed for, sorted; wildcards included. */
  readonly hosts: readonly string[];
}

export interface ApiFacts {
  readonly name: string;
  readonly displayName: string;
  readonly path: string;
  /** Empty: it has none. */
  readonly version: string;
  /** Null: it has none, which is as its first and current one. */
  readonly revision: ApiRevision | null;
  /** Names of its other revisions: a key for one is for all. Absent: there are none. */
  readonly revisions?: readonly string[];
  /** Besides those of the edge. */
  readonly trustedProxies: readonly string[];
  readonly subscriptionKey: { readonly header: string; readonly query: string; readonly forward: boolean };
  readonly errors: ErrorFormat;
  /** Sessions of people who have logged in are an identity here. Absent: they are none. */
  readonly login?: true;
  /** Users of a list with passwords are an identity here. Absent: nobody is by a password. */
  readonly basic?: BasicAccess;
  /** In GraphQL's schema language; absent: it has none. */
  readonly graphqlSchema?: string;
  /** Of its WSDL; absent: it has none, or no policy asks for it. */
  readonly xmlSchema?: XmlSchema;
  /** Methods that may be tried again; null: those of the backend. */
  readonly retryMethods: readonly string[] | null;
}

export interface ProductFacts {
  readonly name: string;
  readonly displayName: string;
  readonly subscription: ProductSubscription;
  /** Who is in it by identity: whoever one of these holds for; null: everybody who is known. */
  readonly members: readonly RoleRule[] | null;
  /** For policies that ask; no step needs it. */
  readonly offer?: ProductOffer;
}

/** What a product holds, and on which terms. */
export interface ProductOffer {
  readonly approvalRequired: boolean;
  readonly subscriptionsLimit: number | null;
  readonly isPublished: boolean;
  readonly groups: readonly string[];
  readonly apis: readonly ProductApiFacts[];
}

/** An API of a product, as policies see it. */
export interface ProductApiFacts {
  readonly name: string;
  readonly displayName: string;
  readonly path: string;
  readonly subscriptionKey: { readonly header: string; readonly query: string };
}

/** One operation of one API: all that the steps need to know of it. */
export interface Route {
  /** Index in `Snapshot.routes`. */
  readonly id: number;
  readonly api: number;
  readonly operation: string;
  readonly method: string;
  /** Full template, API path included. */
  readonly template: string;
  /** Besides it; absent: whatever the query is. */
  readonly query?: readonly QueryRule[];
  /** Length of the API's path in the normalised path, so that the rest goes to the backend. */
  readonly apiPathLength: number;
  /** A request for the API's path itself has an empty path for the backend. Absent: a slash. */
  readonly rootSlash?: false;
  readonly access: AccessPlan;
  /** Chain for no product first (`product: -1`), then one a product that holds the API. */
  readonly chains: readonly ChainChoice[];
  readonly handler: Handler;
  /** Null: responses go out as they are. */
  readonly compression: Compression | null;
  /** Null: it is served. */
  readonly maintenance: Maintenance | null;
  /** Index in `Snapshot.backends`, or -1. */
  readonly backend: number;
  readonly bodyBytes: number;
  readonly timeoutMs: number;
  /** Protocols that a GET may switch to, lower case. */
  readonly upgrades: readonly string[];
  /** Null where nothing validates its messages. */
  readonly description: OperationDescription | null;
  readonly examples: readonly ResponseExample[];
  /** Another proxy may ask about it, and forwards by itself. */
  readonly forwardAuth: boolean;
  /** Index in `Snapshot.diagnostics`; absent: nothing is told of its requests. */
  readonly diagnostic?: number;
  /** What its own destination is told of who calls; absent: header fields. */
  readonly identity?: IdentityShown;
  /** An old gateway that is asked as well; absent: none is. */
  readonly shadow?: ShadowSettings;
}

export interface ChainChoice {
  readonly product: number;
  readonly chain: number;
}

/** The effective answer to "who may call this operation". */
export interface AccessPlan {
  /** Written `access: public`: no identity and no subscription is needed; one that is sent must still be good. */
  readonly public: boolean;
  /** Without a verified client certificate nobody may, whatever else holds. */
  readonly clientCertificate: boolean;
  /** Deny wins; with at least one allow rule, one must hold. Empty: the product alone decides. */
  readonly rules: readonly AccessRule[];
  /** What puts a request into a product's context; `none` when no product holds the API. */
  readonly subscription: "none" | ProductSubscription;
}

/** The sections of one chain with `base` resolved: what runs, in order, each with the scope it came from. */
export interface Chain {
  readonly inbound: readonly ScopedPolicy[];
  readonly backend: readonly ScopedPolicy[];
  readonly outbound: readonly ScopedPolicy[];
  readonly onError: readonly ScopedPolicy[];
}

export interface ScopedPolicy {
  readonly scope: Scope;
  readonly node: PolicyNode;
}

/**
 * Hosts, then a trie over path segments. Cost depends on the number of segments of the request, never on the
 * number of routes.
 */
export interface RouterTable extends HostTable {
  readonly tries: readonly RouteNode[];
  /**
   * By route id: the names of its template's parameters, in order. Templates may name the same segment differently,
   * and a node has one name only. Left out: the nodes' names hold.
   */
  readonly parameterNames?: readonly (readonly string[])[];
  /** Ports that some API is for alone, each with the APIs that are there; absent: there are none. */
  readonly ports?: ReadonlyMap<number, HostTable>;
  /** Routes that a query belongs to; absent: there are none. */
  readonly queries?: readonly RouteQuery[];
}

export interface HostTable {
  /** Exact lower-case host → index in `tries`. */
  readonly exactHosts: ReadonlyMap<string, number>;
  /** `example.com` for `*.example.com` → index in `tries`. */
  readonly wildcardHosts: ReadonlyMap<string, number>;
  /** Index of the trie for any host, or -1. */
  readonly anyHost: number;
}

/** Of routes with the same path and method the one with most rules comes first. */
export interface RouteQuery {
  readonly route: number;
  readonly rules: readonly QueryRule[];
  /** What is tried where they do not hold; -1: nothing. */
  readonly next: number;
}

export interface RouteNode {
  readonly literals: ReadonlyMap<string, RouteNode> | null;
  /** `{name}.json`: segments that are partly text, the ones with most text first. Never empty. */
  readonly patterns: readonly RoutePattern[] | null;
  /** `{name}`: exactly one non-empty segment. */
  readonly parameter: { readonly name: string; readonly node: RouteNode } | null;
  /** `{*rest}`: everything below, possibly nothing. */
  readonly rest: { readonly name: string; readonly methods: ReadonlyMap<string, number> } | null;
  /** Method (`*` for any) → route id. Empty when no operation ends here. */
  readonly methods: ReadonlyMap<string, number> | null;
  /** Versions of the APIs at this place; what stands in the other fields goes before them. */
  readonly versions: RouteVersions | null;
}

/** One segment with something in the place of each name, between the texts; never nothing. */
export interface RoutePattern {
  /** One more than there are names; none is empty but the first and the last. */
  readonly texts: readonly string[];
  readonly names: readonly string[];
  readonly node: RouteNode;
}

/** A request says by a header field or a query parameter which version of an API it wants. */
export interface RouteVersions {
  readonly by: "header" | "query";
  /** Of the field in lower case, or of the parameter. */
  readonly parameter: string;
  readonly nodes: ReadonlyMap<string, RouteNode>;
  /** For a request that says nothing. */
  readonly fallback: RouteNode | null;
}
