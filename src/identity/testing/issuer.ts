import { Buffer } from "node:buffer";
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";
import { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import type { Clock, Egress, EgressRequest, EgressResponse } from "#model/ports.ts";

export interface IssuerKey {
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
  readonly algorithm: string;
}

/** For tests: a provider in memory with real keys, that answers through the Egress port and counts how often. */
export class TestIssuer implements Egress {
  readonly issuer = "https://login.example.com/tenant";
  readonly requests: EgressRequest[] = [];
  keys: IssuerKey[] = [];
  down = false;
  /** Overrides of the discovery document. */
  discovery: Readonly<Record<string, unknown>> = {};
  /** Replaces the key set's text. */
  keySetText: string | null = null;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async addKey(id: string, algorithm = "ES256"): Promise<IssuerKey> {
    const key = await makeKey(id, algorithm);
    this.keys.push(key);
    return key;
  }

  get keySetFetches(): number {
    return this.requests.filter(({ url }) => url.endsWith("/keys")).length;
  }

  /** Claims of a good access token, with changes; `undefined` takes one out. */
  claims(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const now = Math.floor(this.#clock.now() / 1000);
    return { iss: this.issuer, aud: "api://orders", sub: "user-1", iat: now, exp: now + 3600, ...changes };
  }

  async token(
    changes: Readonly<Record<string, unknown>> = {},
    header: Readonly<Record<string, unknown>> = {},
  ): Promise<string> {
    return this.signed(JSON.stringify(this.claims(changes)), header);
  }

  async signed(
    payload: string,
    header: Readonly<Record<string, unknown>> = {},
    key: IssuerKey | undefined = this.keys[0],
  ): Promise<string> {
    if (key === undefined) throw new Error("the issuer has no key");
    const protectedHeader = { alg: key.algorithm, kid: key.jwk.kid as string, typ: "at+jwt", ...header };
    return new CompactSign(Buffer.from(payload)).setProtectedHeader(protectedHeader).sign(key.privateKey);
  }

  async fetch(request: EgressRequest): Promise<EgressResponse> {
    this.requests.push(request);
    await Promise.resolve();
    if (this.down) throw new GatewayError("upstream-connect-failed", 502, "connection refused");
    const body = request.url.endsWith("/keys") ? this.#keySet() : JSON.stringify(this.#discovery());
    return { status: 200, headers: new HeaderList(), body: Buffer.from(body) };
  }

  #keySet(): string {
    return this.keySetText ?? JSON.stringify({ keys: this.keys.map(({ jwk }) => jwk) });
  }

  #discovery(): Readonly<Record<string, unknown>> {
    return { issuer: this.issuer, jwks_uri: `${this.issuer}/keys`, ...this.discovery };
  }
}

export async function makeKey(id: string, algorithm = "ES256"): Promise<IssuerKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: id, alg: algorithm, use: "sig" };
  return { jwk, privateKey, algorithm };
}

/** A token from parts that no library would sign. */
export function joined(header: unknown, payload: unknown, signature = ""): string {
  return `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(payload))}.${signature}`;
}

export function encoded(text: string): string {
  return Buffer.from(text).toString("base64url");
}
