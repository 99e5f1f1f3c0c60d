import type { KeyObject } from "node:crypto";

/**
 * What an expression sees of a request. Whoever runs expressions implements it, over plain data: getters are called
 * once for each access, so they may be as lazy as they like. All of it is synchronous; a body that an expression reads
 * ({@link CompiledCsharp} says so) has been buffered before. Null where `context` documents null.
 */
export interface CsContext {
  readonly requestId: string;
  /** Milliseconds since the epoch when the request came in. */
  readonly timestamp: number;
  /** Milliseconds since then. */
  readonly elapsed: number;
  readonly tracing: boolean;
  trace(message: string): void;
  readonly request: CsRequest;
  readonly response: CsResponse | null;
  readonly variables: CsVariables;
  readonly api: CsApi | null;
  readonly operation: CsOperation | null;
  readonly product: CsProduct | null;
  readonly subscription: CsSubscription | null;
  readonly user: CsUser | null;
  readonly deployment: CsDeployment;
  readonly lastError: CsLastError | null;
  readonly workspace: CsNamed | null;
  readonly graphQL: CsGraphQl | null;
}

/** A ReadonlyMap of values, or what looks like one. */
export interface CsVariables {
  readonly size: number;
  has(name: string): boolean;
  get(name: string): unknown;
  keys(): Iterable<string>;
}

export interface CsNamed {
  readonly id: string;
  readonly name: string;
}

/** Names and values of a message's fields, a pair a line, as they came. */
export interface CsHeaders {
  /** The values of all lines of that name, in order; empty when there is none. */
  values(name: string): readonly string[];
  /** Each name once, as it was first written. */
  names(): Iterable<string>;
}

export interface CsMessage {
  readonly headers: CsHeaders;
  /** null: the message has no body. */
  readonly body: CsBody | null;
}

/** A body that has been buffered. */
export interface CsBody {
  /** @throws where it was not buffered, or has been consumed */
  bytes(): Uint8Array;
  /** Charset of Content-Type, or null. */
  readonly charset: string | null;
  /** It was read without being preserved: a second reading fails, and nothing is forwarded. */
  consume(): void;
}

export interface CsUrl {
  /** The whole URL, as text. */
  readonly href: string;
}

export interface CsRequest extends CsMessage {
  readonly method: string;
  readonly ipAddress: string;
  /** As the client sent it. */
  readonly originalUrl: CsUrl;
  /** As it goes to the backend. */
  readonly url: CsUrl;
  readonly matchedParameters: Readonly<Record<string, string>>;
  /** The client's certificate, DER. */
  readonly certificate: Uint8Array | null;
  readonly privateEndpoint: { readonly name: string; readonly groupId: string; readonly memberName: string } | null;
}

export interface CsResponse extends CsMessage {
  readonly statusCode: number;
  readonly statusReason: string;
}

export interface CsApi extends CsNamed {
  readonly path: string;
  readonly protocols: readonly string[];
  readonly serviceUrl: CsUrl | null;
  readonly keyHeader: string;
  readonly keyQuery: string;
  readonly isCurrentRevision: boolean;
  readonly revision: string;
  readonly version: string | null;
}

export interface CsOperation extends CsNamed {
  readonly method: string;
  readonly urlTemplate: string;
}

export interface CsProduct extends CsNamed {
  readonly apis: readonly CsApi[];
  readonly groups: readonly CsNamed[];
  readonly approvalRequired: boolean;
  readonly subscriptionRequired: boolean;
  readonly subscriptionLimit: number | null;
  readonly isPublished: boolean;
}

export interface CsSubscription extends CsNamed {
  /** Milliseconds since the epoch. */
  readonly createdDate: number;
  readonly startDate: number | null;
  readonly endDate: number | null;
  /** The key that was used. */
  readonly key: string;
}

export interface CsUser {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly note: string;
  readonly groups: readonly CsNamed[];
  readonly identities: readonly { readonly id: string; readonly provider: string }[];
  /** Milliseconds since the epoch. */
  readonly registrationDate: number;
}

export interface CsDeployment {
  readonly gatewayId: string;
  readonly region: string;
  readonly serviceName: string;
  readonly serviceId: string;
  readonly isManaged: boolean;
  readonly instanceId: string;
  readonly certificates: ReadonlyMap<string, CsCertificate>;
}

export interface CsCertificate {
  /** DER or PEM, without its key. */
  readonly raw: Uint8Array;
  /** Signs and opens, and is never text. */
  privateKey(): KeyObject | null;
}

export interface CsLastError {
  readonly source: string;
  readonly reason: string;
  readonly message: string;
  readonly scope: string;
  readonly section: string;
  readonly path: string;
  readonly policyId: string;
  readonly httpErrorCode: number;
}

export interface CsGraphQl {
  readonly arguments: unknown;
  readonly parent: unknown;
}
