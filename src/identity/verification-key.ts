import type { Buffer } from "node:buffer";
import type { CryptoKey, JWK } from "jose";
import { importJWK } from "jose/key/import";
import { curveAlgorithms, hmacAlgorithms, rsaAlgorithms } from "./algorithms.ts";
import { decodeBase64url } from "./base64url.ts";
import { rsaProblem } from "./rsa-checks.ts";

/** A key that may verify, and for which algorithms: the key says so, never the token. */
export interface VerificationKey {
  /** Null when the issuer gave it no name. */
  readonly id: string | null;
  /** Whose tokens it signs, where the set says so: that of all tenants of Entra ID does. */
  readonly issuer: string | null;
  readonly symmetric: boolean;
  readonly byAlgorithm: ReadonlyMap<string, CryptoKey | Uint8Array>;
  /** Everything that makes this key what it is; equal text, equal key. */
  readonly fingerprint: string;
}

export type JwkFields = Readonly<Record<string, unknown>>;

/** A JWK that is not for verifying, is weak or is malformed: the text says why. */
export type KeyProblem = string;

export interface Material {
  /** Public members only, so that nothing else in the document reaches the runtime. */
  readonly jwk: JWK;
  readonly algorithms: readonly string[];
}

/** @see RFC 7517 §4, RFC 7518 §6, RFC 8725 §3.1 */
export async function importVerificationKey(jwk: JwkFields): Promise<VerificationKey | KeyProblem> {
  const material = intentProblem(jwk) ?? readMaterial(jwk);
  if (typeof material === "string") return material;
  const algorithms = pinned(material.algorithms, jwk["alg"]);
  if (algorithms.length === 0) return "alg does not fit the key";
  const byAlgorithm = new Map<string, CryptoKey | Uint8Array>();
  try {
    for (const algorithm of algorithms) byAlgorithm.set(algorithm, await importJWK(material.jwk, algorithm));
  } catch {
    // The runtime checks that a point is on its curve and that lengths are right.
    return "the runtime refuses the key";
  }
  const id = typeof jwk["kid"] === "string" ? jwk["kid"] : null;
  const issuer = typeof jwk["issuer"] === "string" ? jwk["issuer"] : null;
  const fingerprint = JSON.stringify([id, issuer, algorithms, material.jwk]);
  return { id, issuer, symmetric: material.jwk.kty === "oct", byAlgorithm, fingerprint };
}

/** `use` and `key_ops` bind: an encryption key that also verified would serve two protocols at once. */
function intentProblem(jwk: JwkFields): KeyProblem | undefined {
  const { use, key_ops: operations, alg, kid } = jwk;
  if (use !== undefined && use !== "sig") return "use is not sig";
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    return "key_ops lacks verify";
  }
  if (alg !== undefined && typeof alg !== "string") return "alg is not a string";
  if (kid !== undefined && typeof kid !== "string") return "kid is not a string";
  // Everyone who can read the key set could sign.
  if (jwk["kty"] !== "oct" && jwk["d"] !== undefined) return "a private key is published";
  return undefined;
}

/** A key of a kind that is known, sound as far as its numbers tell. */
export function readMaterial(jwk: JwkFields): Material | KeyProblem {
  switch (jwk["kty"]) {
    case "RSA":
      return readRsa(jwk);
    case "EC":
    case "OKP":
      return readCurve(jwk, jwk["kty"]);
    case "oct":
      return readSecret(jwk);
    default:
      return "unknown kty";
  }
}

function readRsa(jwk: JwkFields): Material | KeyProblem {
  const modulus = member(jwk, "n");
  const exponent = member(jwk, "e");
  if (modulus === undefined || exponent === undefined) return "n or e is not base64url";
  const problem = rsaProblem(modulus, exponent);
  return problem ?? { jwk: { kty: "RSA", n: text(modulus), e: text(exponent) }, algorithms: rsaAlgorithms };
}

function readCurve(jwk: JwkFields, kty: "EC" | "OKP"): Material | KeyProblem {
  const { crv } = jwk;
  const isKnown = typeof crv === "string" && Object.hasOwn(curveAlgorithms, crv);
  if (!isKnown || (crv === "Ed25519") !== (kty === "OKP")) return "unknown curve";
  const x = member(jwk, "x");
  const y = member(jwk, "y");
  if (x === undefined || (kty === "EC" && y === undefined)) return "x or y is not base64url";
  const point: JWK = kty === "OKP" ? { kty, crv, x: text(x) } : { kty, crv, x: text(x), y: text(y as Buffer) };
  return { jwk: point, algorithms: curveAlgorithms[crv] ?? [] };
}

function readSecret(jwk: JwkFields): Material | KeyProblem {
  const secret = member(jwk, "k");
  if (secret === undefined) return "k is not base64url";
  const algorithms = Object.keys(hmacAlgorithms).filter((name) => secret.length >= (hmacAlgorithms[name] ?? Infinity));
  return { jwk: { kty: "oct", k: text(secret) }, algorithms };
}

/** A key that names its algorithm is for that one only. @see RFC 8725 §3.1 */
function pinned(algorithms: readonly string[], named: unknown): readonly string[] {
  if (named === undefined) return algorithms;
  const meant = named === misspelt ? "ES512" : named;
  return algorithms.filter((algorithm) => algorithm === meant);
}

/** The curve's number taken for the hash's. It names nothing else, and the curve of P-521 has one algorithm only. */
const misspelt = "ES521";

function member(jwk: JwkFields, name: string): Buffer | undefined {
  const value = jwk[name];
  return typeof value === "string" && value !== "" ? decodeBase64url(value) : undefined;
}

function text(bytes: Buffer): string {
  return bytes.toString("base64url");
}
