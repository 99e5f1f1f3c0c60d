import { constants, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { JWK } from "jose";
import { type JwkFields, readMaterial } from "./verification-key.ts";

/** A public key that came in a proof, for one algorithm. It is nobody's until a token names its thumbprint. */
export interface ProofKey {
  /** SHA-256, base64url. @see RFC 7638 §3 */
  readonly thumbprint: string;
  isSigned(data: Uint8Array, signature: Uint8Array): boolean;
}

/** Members that only a private key has, or a secret. */
const secretMembers: readonly string[] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** @returns undefined for a key that is private, weak, malformed, or not for the algorithm */
export function readProofKey(jwk: JwkFields, algorithm: string): ProofKey | undefined {
  if (jwk["kty"] === "oct" || secretMembers.some((name) => Object.hasOwn(jwk, name))) return undefined;
  if (jwk["alg"] !== undefined && jwk["alg"] !== algorithm) return undefined;
  const material = readMaterial(jwk);
  if (typeof material === "string" || !material.algorithms.includes(algorithm)) return undefined;
  const check = checkFor(algorithm, material.jwk);
  return check === undefined ? undefined : { thumbprint: thumbprintOf(material.jwk), isSigned: check };
}

function checkFor(algorithm: string, jwk: JWK): ProofKey["isSigned"] | undefined {
  let key: KeyObject;
  try {
    // The runtime checks that a point is on its curve.
    key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  } catch {
    return undefined;
  }
  const hash = algorithm.startsWith("Ed") ? null : `sha${algorithm.slice(2)}`;
  const settings = settingsFor(algorithm);
  return (data, signature) => {
    try {
      return verify(hash, data, { key, ...settings }, signature);
    } catch {
      return false;
    }
  };
}

/** @see RFC 7518 §3.4, §3.5 */
function settingsFor(algorithm: string): object {
  if (algorithm.startsWith("PS")) {
    return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  }
  return algorithm.startsWith("ES") ? { dsaEncoding: "ieee-p1363" } : {};
}

/** The required members alone, by name. @see RFC 7638 §3.2, RFC 8037 §2 */
function thumbprintOf({ kty, crv, x, y, n, e }: JWK): string {
  const members = kty === "RSA" ? { e, kty, n } : kty === "OKP" ? { crv, kty, x } : { crv, kty, x, y };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
