import type { BodySource, Carry, ClientStream } from "./body.ts";
import type { Diagnostic, Tap } from "./diagnostics.ts";
import type { Deployment } from "./definition.ts";
import type { Answer, Door, Outcome, Refusal } from "./decision.ts";
import type { HeaderList } from "./header-list.ts";
import type { OwnCertificate } from "./own-certificate.ts";
import { anonymous, type Principal } from "./principal.ts";
import type { OwnerFacts, ProxyDestination, SubscriptionDetails } from "./ports.ts";
import type { ReasonCode } from "./reasons.ts";
import type { Redaction } from "./redaction.ts";
import type { ProductFacts, ApiFacts, Route } from "./snapshot.ts";
import type { TraceContext } from "./trace.ts";
import type { Scope } from "./policy-tree.ts";
import type { RequestDebug } from "./tracing.ts";

export interface TlsFacts {
  readonly version: string;
  readonly cipher: string;
  readonly serverName: string | null;
  /** Verified against the trusted authorities, and valid now; null otherwise. */
  readonly certificate: ClientCertificate | null;
  /** Why the certificate that was sent is not believed; null when none was sent, or it is. */
  readonly certificateProblem: string | null;
}

/** What a verified client certificate says. */
export interface ClientCertificate {
  /** Distinguished names as in RFC 4514; the subject may be empty. */
  readonly subject: string;
  readonly issuer: string;
  /** Hex, lower case. */
  readonly serial: string;
  /** Identifier of the issuer's key, hex, lower case; empty where it names none. */
  readonly issuerKeyId: string;
  /** SHA-256 of the certificate, hex, lower case. */
  readonly fingerprint: string;
  /** SHA-1 of the certificate, hex, lower case: what Windows and API Management name certificates by. Proves nothing. */
  readonly thumbprint: string;
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  /** Milliseconds since the epoch. */
  readonly notAfter: number;
  /** DER of it and of the issuers that the client has sent behind it; of a resumed session it alone. */
  readonly path: readonly Uint8Array[];
}

/** The request as the edge received and normalised it. Nothing changes it afterwards. */
export interface RequestFacts {
  /** UUIDv7; goes back to the client as `X-Request-Id`. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Monotonic milliseconds: `Clock.mono`. */
  readonly startedMono: number;
  readonly protocol: "HTTP/1.0" | "HTTP/1.1" | "HTTP/2";
  readonly scheme: "http" | "https";
  readonly method: string;
  /** Lower-case host without port; brackets removed from IPv6. */
  readonly host: string;
  /** Host as sent, with its port. */
  readonly authority: string;
  /** Path and query of the request target as they were sent. */
  readonly target: string;
  /** Normalised path: what is matched is what is forwarded. */
  readonly path: string;
  /** Raw query without `?`; empty when there is none. */
  readonly query: string;
  /** As received, after dropping names that are not let through. */
  readonly headers: HeaderList;
  readonly body: BodySource | null;
  /**
   * Protocol that the client asks to go on in, lower case: the one of `Upgrade` (RFC 9110 §7.8), or `:protocol` of an
   * extended CONNECT (RFC 8441), which is shown as the GET that it would be over HTTP/1.1. Such a request has no body.
   */
  readonly upgrade: string | null;
  /** Port of the listener that it came in at; absent: it is none of ours, or not known. */
  readonly localPort?: number;
  /** The socket's peer; `unix` for one on a Unix socket, empty where it is not known: a peer that is nobody. */
  readonly peerAddress: string;
  /** The client behind trusted proxies; no address where the peer has none and names none. */
  readonly clientAddress: string;
  readonly peerTrusted: boolean;
  readonly tls: TlsFacts | null;
}

/** One step of the way, as the record and `explain` show it. */
export interface Handover {
  readonly door: Door;
  /** Step or policy: `route`, `authenticate`, `rate-limit-by-key`. */
  readonly step: string;
  /** Policy id or `file:line` of the rule that decided, where there is one. */
  readonly policy?: string;
  readonly outcome: "passed" | "refused" | "answered" | "failed" | "retried";
  readonly reason?: ReasonCode;
  /** Values the decision saw. Never secrets. */
  readonly detail?: string;
  readonly micros: number;
}

/** `2or1`: HTTP/2 where the peer chooses it. */
export type HttpVersion = "1" | "2" | "2or1";

/** Where a request may go instead, once it is known what became of it. */
export interface Retarget {
  /** How often at most. */
  readonly most: number;
  /** Sets another destination where there is one. @returns whether the request is to be sent there */
  again(exchange: Exchange, outcome: Outcome): Promise<boolean>;
}

/** What will be sent upstream; policies of inbound and backend change it. */
export class RequestDraft {
  method: string;
  /** Path below the backend's base URL; starts with `/`. */
  path: string;
  query: string;
  headers: HeaderList;
  /** `undefined`: the client's body as it comes; null: none; bytes: set by a policy. */
  body: Uint8Array | null | undefined = undefined;
  /** Index of the backend, or -1 when `baseUrl` says where. */
  backend: number;
  /** Set by `set-backend-service` with a base URL. */
  baseUrl: string | null = null;
  /** The base URL was computed for this request, so egress control applies. */
  baseUrlComputed = false;
  /** Index of the ending that answers instead of the route's own handler, or -1. */
  ending = -1;
  /** Of whoever has chosen the base URL; null: it stays. */
  retarget: Retarget | null = null;
  /** Where the policy stands that chose a backend by its name; null: none has, or a base URL came after it. */
  backendScope: Scope | null = null;
  /** By way of a forward proxy; null: straight there. */
  proxy: ProxyDestination | null = null;
  /** What is shown to the backend of ourselves, instead of its own setting; null: that. */
  certificate: OwnCertificate | null = null;
  /** Of HTTP, instead of what the backend's own setting says; null: that. */
  httpVersion: HttpVersion | null = null;
  /** Trailers of the client's body stay behind: a policy has replaced fields that they could name again. */
  dropTrailers = false;
  /** A policy wrote Host itself: keep it. */
  hostSet = false;
  /** Lower-case names of those fields about where a request came from that policies wrote themselves; null: none. */
  forwardingFields: readonly string[] | null = null;
  /** The upgrade that the operation lets through; null: the request is an ordinary one. */
  upgrade: string | null = null;
  timeoutMs: number;
  /** How long an upstream that says nothing is waited for, before the body is sent that waits for its word. */
  continueMs = 1000;
  /** Longest silence on a switched connection, or within an event stream. */
  streamIdleMs = 0;

  constructor(method: string, path: string, query: string, headers: HeaderList, backend: number, timeoutMs: number) {
    this.method = method;
    this.path = path;
    this.query = query;
    this.headers = headers;
    this.backend = backend;
    this.timeoutMs = timeoutMs;
  }
}

/** Where a response came from; `content`: made here by the route's own handler. */
export type ResponseOrigin = "upstream" | "content" | "policy" | "gateway";

/** What will be sent to the client; policies of outbound change it. */
export class ResponseDraft {
  status: number;
  statusText: string;
  headers: HeaderList;
  /** A stream from the upstream, bytes set by a policy, or none. */
  body: BodySource | Uint8Array | null;
  readonly origin: ResponseOrigin;
  /** With status 101: the upstream has switched protocols, and this takes to it what the client sends. */
  carry: Carry | null = null;

  constructor(
    status: number,
    statusText: string,
    headers: HeaderList,
    body: BodySource | Uint8Array | null,
    origin: ResponseOrigin,
  ) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.body = body;
    this.origin = origin;
  }
}

/** Something that must end when nobody wants it any more. */
export interface Underway {
  /** Safe at any time, also twice. */
  abort(): void;
}

/** Another proxy asks about the request and forwards it by itself, or not. */
export interface Question {
  /** Address of the proxy. */
  readonly asker: string;
  /** It passes no redirect on to the client. */
  readonly redirects?: false;
  /** Every row has let the request through: only then may the answer be a 2xx. */
  granted: boolean;
}

/** The subscription a request is made under. */
export interface ActiveSubscription {
  readonly id: string;
  /** `product:starter`, `api:orders` or `all`. */
  readonly scope: string;
  readonly by: "key" | "identity";
  /** As in `KeyMatch`. */
  readonly oldKey?: string;
  readonly details?: SubscriptionDetails;
}

export interface ActorToken {
  readonly token: string;
  /** SHA-256 of it, base64url. */
  readonly digest: string;
}

/** Field of an error that reached on-error: `context.LastError`. */
export interface LastError {
  readonly source: string;
  readonly reason: ReasonCode;
  /** The reason as API Management calls it, where one of ours is several of theirs. */
  readonly name?: string;
  readonly message: string;
  readonly scope: string;
  readonly section: string;
  /** Of the policy in its section: `choose[3]/when[2]/set-header`. */
  readonly path: string;
  readonly policyId: string;
}

/**
 * One request on its way: what came in, what is known about it by now, what goes out. Every field is there from
 * the start, so that all exchanges share one hidden class.
 */
export class Exchange {
  /** Replaced at most once, when the API that was found has proxies of its own. */
  facts: RequestFacts;
  /** Replaced at most once, before anything is written: under strict durability its end is held. */
  client: ClientStream;

  route: Route | null = null;
  api: ApiFacts | null = null;
  /** Of the definition that it goes by. */
  deployment: Deployment | null = null;
  /** By name, of the definition that it goes by. */
  ownCertificates: ReadonlyMap<string, OwnCertificate> | null = null;
  /** By backend, of the definition that it goes by: the URL that policies know it by; empty: it has none. */
  serviceUrls: readonly string[] = [];
  product: ProductFacts | null = null;
  /** Values of the template's parameters, percent-decoded, by name. */
  parameters: Readonly<Record<string, string>> = noParameters;
  principal: Principal = anonymous;
  /** Groups that the rules which decided ask for by name, of products and of access; null: they ask for none. */
  groupsAsked: readonly string[] | null = null;
  /** What Authorization said, as text, and the token that was found in it; null: none was. */
  authorization: string | null = null;
  shownToken: string | null = null;
  /** The token that is bound to its sender, who has proven it for this exchange. */
  provenToken: string | null = null;
  /** What whoever acts for the principal has shown, verified; null: nobody has shown a token of its own. */
  actorToken: ActorToken | null = null;
  subscription: ActiveSubscription | null = null;
  /** Of the directory, who the principal is here; null: not known there. */
  user: OwnerFacts | null = null;
  /** Why a credential that was sent is not used (unknown issuer): access names it when it refuses. */
  identityNote: ReasonCode | null = null;
  /** Until when it is known whom it is from without looking again, beyond what its token says. Milliseconds since the epoch. */
  identityUntil: number = Infinity;
  request: RequestDraft;
  response: ResponseDraft | null = null;
  /** `set-variable`; made on first use. */
  variables: Map<string, unknown> | null = null;
  /** Fields that policies add to the final response, errors included (cors, rate-limit headers). Flat. */
  responseExtras: string[] | null = null;
  lastError: LastError | null = null;
  /** It has shown a debug token. */
  debug: RequestDebug | null = null;
  /** The outcome that stands in the trail last: policies around the one that gave it pass it on. */
  noted: Outcome = undefined;
  /** What issuers have said of the client's certificate holds until then, milliseconds since the epoch; Infinity: nobody asked. */
  certificateStandsUntil: number = Infinity;
  /** What counts by the response; see {@link whenAnswered}. */
  answered: (() => void)[] | null = null;
  /** What counts by the bytes; see {@link whenOver}. */
  over: (() => void)[] | null = null;
  /** What the caching policies note for each other; theirs alone. */
  cache: object | null = null;
  /** Not null: nothing is forwarded here, and the response is never seen. */
  question: Question | null = null;

  /** Where it stands in a distributed trace; null: there are none here. */
  trace: TraceContext | null = null;
  /** Of its operation; null: nothing is told of it. */
  diagnostic: Diagnostic | null = null;
  /** Notes what it asks for; null: nothing of this one. */
  tap: Tap | null = null;
  /** Of the definition that it goes by; null: nothing is to be kept out of what is said of it, beside credentials. */
  redaction: Redaction | null = null;
  /** How often something was kept out of what policies say. */
  redacted = 0;

  /** Decision for the record. */
  refusal: Refusal | null = null;
  answer: Answer | null = null;
  readonly trail: Handover[] = [];
  upstream: UpstreamFacts | null = null;
  /** What the handler holds open for this exchange: the attempt under way, or the last one; a file. */
  forwarding: Underway | null = null;
  /** What its expressions in C# have used: all of them together are bounded. */
  expressionSteps = 0;
  /** Of the thread's own time. */
  expressionMs = 0;
  /** What is held in memory of its bodies; given back when it is over. */
  gatheredBytes = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Of language models, in and out; counted by whoever speaks to one. */
  tokens = 0;
  /** The client went away before the end. */
  aborted = false;
  /** Behind {@link signal}; made on first use. */
  cancellation: AbortController | null = null;

  constructor(facts: RequestFacts, client: ClientStream) {
    this.facts = facts;
    this.client = client;
    this.request = new RequestDraft(facts.method, facts.path, facts.query, facts.headers, -1, 0);
  }

  setVariable(name: string, value: unknown): void {
    this.variables ??= new Map();
    this.variables.set(name, value);
  }

  /** Aborted when nobody wants an answer any more: ends what policies have under way. */
  get signal(): AbortSignal {
    return (this.cancellation ??= new AbortController()).signal;
  }

  /** Called once, when it is known what the client is answered, or that it will have no answer: `response` is null then. */
  whenAnswered(then: () => void): void {
    this.answered ??= [];
    this.answered.push(then);
  }

  /** Called once, when the last byte has gone either way, or none will. */
  whenOver(then: () => void): void {
    this.over ??= [];
    this.over.push(then);
  }

  addResponseHeader(name: string, value: string): void {
    this.responseExtras ??= [];
    this.responseExtras.push(name, value);
  }
}

export interface UpstreamFacts {
  /** Backend name, or the base URL's origin. */
  readonly name: string;
  /** Address that was dialled. */
  readonly address: string;
  /** `scheme://host:port` and base path that the request went to; empty where it is no URL. */
  readonly url: string;
  readonly tries: number;
  readonly status: number;
  /** Milliseconds until the last attempt had a connection. */
  readonly connectMs: number;
  /** Milliseconds until the response's headers. */
  readonly headersMs: number;
  /** When they came, or it was clear that none would; monotonic. */
  readonly endedMono: number;
}

const noParameters: Readonly<Record<string, string>> = Object.freeze({});
