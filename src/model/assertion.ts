/** How the gateway signs who calls, for upstreams. */
export interface AssertionSettings {
  /** `iss` of every assertion. */
  readonly issuer: string;
  /** How long a key signs. */
  readonly rotateMs: number;
}

/** An assertion is good for so long. */
export const assertionLifetimeMs = 300_000;

/** What a worker signs with. It is shown to nobody else. */
export interface AssertionKey {
  readonly id: string;
  /** PKCS #8, DER; P-256. */
  readonly pkcs8: Uint8Array;
  readonly issuer: string;
}

/** @see RFC 7517 §4, RFC 7518 §6.2.1 */
export interface PublishedKey {
  readonly kty: "EC";
  readonly crv: "P-256";
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: "ES256";
  readonly use: "sig";
}

/** What verifiers get. */
export interface AssertionKeySet {
  readonly keys: readonly PublishedKey[];
  /** How long it may be kept: no key signs that has been published for less. */
  readonly maxAgeSeconds: number;
}

/** What a destination is told of who calls. */
export interface IdentityShown {
  /** In the fields X-Auth-Request-… and X-Sallyport-Subscription. */
  readonly headers: boolean;
  /** In X-Sallyport-Assertion, signed. */
  readonly assertion: boolean;
}

export const headersOnly: IdentityShown = Object.freeze({ headers: true, assertion: false });
