import type { Buffer } from "node:buffer";
import type { BodySource } from "#model/body.ts";
import type { EndedConnections } from "#model/connection-ends.ts";
import type { EdgeSettings, ListenPlace } from "#model/definition.ts";
import type { ClientCertificate, Exchange } from "#model/exchange.ts";
import type { Clock, Log } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { FindList } from "./list-place.ts";

/** A certificate chain with its key, as it is posted to the workers. */
export interface EdgeCertificate {
  /** Lower-case names it is for; `*.example.com` matches one label. */
  readonly hosts: readonly string[];
  /** Leaf first, then the chain. */
  readonly certPem: string;
  readonly keyPem: string;
}

/** The first one answers clients that send no server name. Empty: every handshake is refused. */
export type CertificateSource = readonly EdgeCertificate[];

/** Answers for certificate authorities that validate our names. */
export interface PendingChallenges {
  readonly http: readonly HttpChallenge[];
  readonly alpn: readonly AlpnChallenge[];
}

/** @see RFC 8555 §8.3 */
export interface HttpChallenge {
  /** Lower case; an address for the certificate of an address. */
  readonly host: string;
  readonly token: string;
  readonly keyAuthorization: string;
}

/** @see RFC 8737 §3 */
export interface AlpnChallenge {
  readonly serverName: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** The status of a certificate, for clients that ask for it in their handshake. */
export interface StapleNews {
  /** SHA-256 over the certificate's DER, base64. */
  readonly fingerprint: string;
  /** DER of the responder's answer; null: there is none (any more). */
  readonly der: Uint8Array | null;
}

/** Certificates for names that are not known before a client comes. */
export interface CertificatesOnDemand {
  readonly enabled: () => boolean;
  /** Null when there is none; bounded in time by the handshake's own time-out. */
  readonly obtain: (name: string) => Promise<EdgeCertificate | null>;
}

export interface EdgeOptions {
  readonly settings: EdgeSettings;
  readonly certificates: CertificateSource;
  readonly onExchange: (exchange: Exchange) => void;
  /**
   * A request that is answered by the edge itself and never becomes an exchange. A promise: the answer has to wait for
   * it, and there is none when it rejects.
   */
  readonly onRefused: (refusal: EdgeRefusal) => void | Promise<void>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly log: Log;
  /** Default: none. */
  readonly staples?: readonly StapleNews[];
  /** Default: none are pending. */
  readonly challenges?: PendingChallenges;
  /** Roots of the internal CA, PEM: trusted for clients where the settings say so. Default: none. */
  readonly internalRoots?: string;
  /** `<issuer>-<serial>` of the internal CA's certificates that were revoked. Default: none. */
  readonly revoked?: readonly string[];
  /** Connections that ended before a request; rarely, and few at a time. */
  readonly onConnectionsEnded?: (ended: readonly EndedConnections[]) => void;
  /** An issuer that a client has sent behind its certificate, DER: for the first of them. */
  readonly onClientIssuer?: (der: Uint8Array) => void;
  /** Revocation lists of the internal CA, which the clear-text listeners give. Default: there are none. */
  readonly findList?: FindList;
  /** Default: names without a certificate are refused. */
  readonly onDemand?: CertificatesOnDemand;
  /** 48 bytes, the same in all workers, so that sessions resume on any of them. */
  readonly ticketKeys?: Buffer;
  /** Several workers listen on the same port. Default false. */
  readonly reusePort?: boolean;
}

export interface Edge {
  /** @throws GatewayError `port-in-use` */
  listen(): Promise<BoundAddresses>;
  /**
   * Limits, trusted proxies, HSTS, header names and whose client certificates are trusted change at once; listeners,
   * whether clients are asked for certificates and `tls` do not.
   */
  update(settings: EdgeSettings): void;
  setCertificates(certificates: CertificateSource): void;
  /** Replaces the answers: in force at once, on every listener. */
  setChallenges(challenges: PendingChallenges): void;
  /** What clients are sent from now on that ask for the status of this certificate. */
  setStaple(news: StapleNews): void;
  /** @param roots PEM */
  setInternalRoots(roots: string): void;
  /** Replaces what the internal CA has revoked: not believed from the next request on. @param keys `<issuer>-<serial>` */
  setRevoked(keys: readonly string[]): void;
  /** Whether the internal CA has revoked it. */
  isRevoked(certificate: ClientCertificate): boolean;
  /** @param keys 48 bytes */
  setTicketKeys(keys: Buffer): void;
  /** Stops accepting, closes what is idle, lets the rest finish, and destroys what is left at the deadline. */
  drain(deadlineMs: number): Promise<void>;
  stats(): EdgeStats;
}

export interface BoundAddresses {
  readonly https: readonly ListenPlace[];
  readonly http: readonly ListenPlace[];
}

export interface EdgeStats {
  readonly connections: number;
  readonly inFlight: number;
}

/** For the record: what is known of a request that the edge refused. Fields that were never read are empty. */
export interface EdgeRefusal {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly reason: ReasonCode;
  readonly status: number;
  /** What was wrong; no header values. */
  readonly detail: string;
  readonly protocol: string;
  readonly method: string;
  /** Without its query. */
  readonly target: string;
  readonly host: string;
  readonly peerAddress: string;
  readonly scheme: "http" | "https";
  /** Of the answer's body; 0: there is none. */
  readonly bodyBytes: number;
}

/** A request body whose limit the route decides, before it is started. */
export interface LimitedBody extends BodySource {
  /** Bytes; over it the sink gets `client-body-too-large`. */
  setLimit(bytes: number): void;
  /** Bytes received so far. */
  readonly received: number;
}
