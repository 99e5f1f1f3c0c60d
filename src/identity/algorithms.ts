/** RSA keys serve either padding; a key that names its `alg` is held to that one. */
export const rsaAlgorithms: readonly string[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/** A curve has one algorithm. @see RFC 7518 §3.4, RFC 8037 §3.1, RFC 9864 §2.2 */
export const curveAlgorithms: Readonly<Record<string, readonly string[]>> = {
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  Ed25519: ["EdDSA", "Ed25519"],
};

/** Shortest key in bytes: the size of the hash. @see RFC 7518 §3.2 */
export const hmacAlgorithms: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** What a provider's keys can be for. HMAC is not among them: whoever can check such a token can make one. */
export const asymmetricAlgorithms: ReadonlySet<string> = new Set([
  ...rsaAlgorithms,
  ...Object.values(curveAlgorithms).flat(),
]);
