import { Buffer } from "node:buffer";
import { type KeyObject, sign } from "node:crypto";

/** Algorithms that this gateway signs with, by what the key is for. */
export type JwsAlgorithm = "RS256" | "ES256" | "ES384" | "ES512" | "Ed25519";

const digests: Readonly<Record<JwsAlgorithm, string | null>> = {
  RS256: "sha256",
  ES256: "sha256",
  ES384: "sha384",
  ES512: "sha512",
  Ed25519: null,
};

/** @returns undefined for a key that signs nothing of the list @see RFC 7518 §3.1, RFC 9864 */
export function jwsAlgorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): JwsAlgorithm | undefined {
  if (asymmetricKeyType === "rsa") return "RS256";
  if (asymmetricKeyType === "ed25519") return "Ed25519";
  if (asymmetricKeyType !== "ec") return undefined;
  switch (asymmetricKeyDetails?.namedCurve) {
    case "prime256v1":
      return "ES256";
    case "secp384r1":
      return "ES384";
    case "secp521r1":
      return "ES512";
    default:
      return undefined;
  }
}

/** The first part of a token: the same for all that one key signs. */
export function jwsHeader(header: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(header)).toString("base64url");
}

/**
 * A signed token in compact form.
 * @param header of {@link jwsHeader}, naming `algorithm`
 * @see RFC 7515 §7.1; RFC 7518 §3.4: the two numbers of ECDSA side by side, not in DER
 */
export function signJws(header: string, payload: string, algorithm: JwsAlgorithm, key: KeyObject): string {
  const signed = `${header}.${Buffer.from(payload).toString("base64url")}`;
  const signature = sign(digests[algorithm], Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}
