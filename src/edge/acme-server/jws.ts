import { Buffer } from "node:buffer";
import type { JWK } from "jose";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { flattenedVerify } from "jose/jws/flattened/verify";
import { importJWK } from "jose/key/import";
import { AcmeRefusal, malformed } from "./refusal.ts";

/** A request that its key's holder has signed. */
export interface SignedRequest {
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** Exactly one of the two, as the header has it. */
  readonly jwk: JWK | null;
  readonly kid: string | null;
}

type Json = Readonly<Record<string, unknown>>;
type Flattened = { readonly protected: string; readonly payload: string; readonly signature: string };

const algorithms: ReadonlySet<string> = new Set(["ES256", "ES384", "ES512", "RS256", "PS256", "EdDSA", "Ed25519"]);
const headerNames: ReadonlySet<string> = new Set(["alg", "nonce", "url", "jwk", "kid"]);

/**
 * Reads the three parts. Stricter than the library, which takes spaces and padding inside them.
 *
 * @see RFC 7515 §7.2.2, RFC 8555 §6.2
 */
function flattenedOf(value: unknown): Flattened {
  const members = isObject(value) ? Object.keys(value).toSorted().join() : "";
  if (members !== "payload,protected,signature") throw malformed("the body is no JWS in flattened JSON form");
  const parts = value as Flattened;
  for (const part of [parts.protected, parts.payload, parts.signature]) {
    if (typeof part !== "string" || !/^[A-Za-z0-9_-]*$/.test(part)) throw malformed("the JWS is not base64url");
  }
  return parts;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed("the body is not JSON");
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decodeObject(part: string, what: string): Json {
  const value = parseJson(Buffer.from(part, "base64url").toString("utf8"));
  if (!isObject(value)) throw malformed(`the ${what} is no JSON object`);
  return value;
}

export interface JwsExpectation {
  readonly url: string;
  readonly spend: (nonce: string) => boolean;
  /** Key of an account, by its URL. @throws AcmeRefusal when there is none that may sign */
  readonly keyOf: (kid: string) => JWK;
}

/**
 * Verifies a request: the nonce first, so that a replay costs no signature check; then that it was meant for this
 * URL; then the signature.
 *
 * @throws AcmeRefusal
 */
export async function verifyRequest(body: string, expected: JwsExpectation): Promise<SignedRequest> {
  const jws = flattenedOf(parseJson(body));
  const header = decodeObject(jws.protected, "protected header");
  const unknown = Object.keys(header).find((name) => !headerNames.has(name));
  if (unknown !== undefined) throw malformed(`the protected header has a member nobody knows: ${unknown.slice(0, 40)}`);
  const { alg, nonce, url, jwk, kid } = header;
  if (typeof alg !== "string" || !algorithms.has(alg)) {
    throw new AcmeRefusal("badSignatureAlgorithm", 400, `sign with one of ${[...algorithms].join(", ")}`);
  }
  if (typeof nonce !== "string" || !expected.spend(nonce)) {
    throw new AcmeRefusal("badNonce", 400, "the nonce is not one that is open; use the one of this answer");
  }
  if (url !== expected.url) throw new AcmeRefusal("unauthorized", 401, "the request was signed for another URL");
  if ((jwk === undefined) === (kid === undefined)) throw malformed("the header needs one of jwk and kid");
  const key = jwk === undefined ? expected.keyOf(textOf(kid)) : publicKeyOf(jwk);
  await verifySignature(jws, key, alg);
  const payload = jws.payload === "" ? null : decodeObject(jws.payload, "payload");
  return { payload, jwk: jwk === undefined ? null : key, kid: kid === undefined ? null : textOf(kid) };
}

/**
 * What the holder of another key has signed, inside of a request: the new key of an account.
 *
 * @param value payload of the outer request
 * @throws AcmeRefusal
 * @see RFC 8555 §7.3.5
 */
export async function verifyInner(value: unknown, url: string): Promise<{ readonly payload: Json; readonly jwk: JWK }> {
  const jws = flattenedOf(value);
  const { alg, jwk, url: signedUrl, ...rest } = decodeObject(jws.protected, "header of the inner JWS");
  // No nonce of its own: the outer one is spent for both.
  if (Object.keys(rest).length > 0 || typeof alg !== "string" || jwk === undefined) {
    throw malformed("the inner JWS needs alg, jwk and url, and nothing else");
  }
  if (!algorithms.has(alg)) {
    throw new AcmeRefusal("badSignatureAlgorithm", 400, `sign with one of ${[...algorithms].join(", ")}`);
  }
  if (signedUrl !== url) throw malformed("the inner JWS was signed for another URL");
  const key = publicKeyOf(jwk);
  await verifySignature(jws, key, alg);
  return { payload: decodeObject(jws.payload, "payload of the inner JWS"), jwk: key };
}

function textOf(kid: unknown): string {
  if (typeof kid !== "string") throw malformed("kid is no text");
  return kid;
}

/** Public parts only, and of a kind and size that we take. */
function publicKeyOf(value: unknown): JWK {
  if (!isObject(value)) throw new AcmeRefusal("badPublicKey", 400, "jwk is no key");
  const { kty, crv, x, y, n, e } = value as JWK;
  if (kty === "EC" && x !== undefined && y !== undefined && crv !== undefined) return { kty, crv, x, y };
  if (kty === "OKP" && crv === "Ed25519" && x !== undefined) return { kty, crv, x };
  const bits = typeof n === "string" ? Buffer.from(n, "base64url").length * 8 : 0;
  if (kty === "RSA" && n !== undefined && e === "AQAB" && bits >= 2048 && bits <= 4096) return { kty, n, e };
  throw new AcmeRefusal("badPublicKey", 400, "use an EC or Ed25519 key, or RSA of 2048 to 4096 bits");
}

async function verifySignature(jws: Flattened, key: JWK, alg: string): Promise<void> {
  try {
    await flattenedVerify(jws, await importJWK(key, alg), { algorithms: [alg] });
  } catch {
    throw new AcmeRefusal("unauthorized", 401, "the signature is not valid");
  }
}

export function thumbprintOf(key: JWK): Promise<string> {
  return calculateJwkThumbprint(key, "sha256");
}

/**
 * Whether whoever asks for an account holds the key of an external one.
 *
 * @param binding member `externalAccountBinding` of the request
 * @param secretOf HMAC key by key id, or undefined
 * @returns the key id
 * @throws AcmeRefusal
 * @see RFC 8555 §7.3.4
 */
export async function verifyBinding(
  binding: unknown,
  accountKey: JWK,
  url: string,
  secretOf: (kid: string) => Uint8Array | undefined,
): Promise<string> {
  const jws = flattenedOf(binding);
  const { alg, kid, url: signedUrl, ...rest } = decodeObject(jws.protected, "header of the binding");
  if (alg !== "HS256" || typeof kid !== "string" || signedUrl !== url || Object.keys(rest).length > 0) {
    throw malformed("the external account binding needs alg HS256, kid and this url, and nothing else");
  }
  const secret = secretOf(kid);
  const refused = new AcmeRefusal("unauthorized", 401, "the external account is not known, or its key is another");
  if (secret === undefined) throw refused;
  try {
    await flattenedVerify(jws, secret, { algorithms: ["HS256"] });
  } catch {
    throw refused;
  }
  const bound = decodeObject(jws.payload, "payload of the binding") as JWK;
  if ((await thumbprintOf(publicKeyOf(bound))) !== (await thumbprintOf(accountKey))) {
    throw malformed("the external account binding is about another key");
  }
  return kid;
}
