import { asymmetricAlgorithms } from "./algorithms.ts";
import type { CompactToken } from "./compact.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";

/** Header parameters that bring a key along: the sender would choose what to be checked against. */
const embeddedKeys: readonly string[] = ["jwk", "jku", "x5u", "x5c"];

/** Header parameters of encryption and compression, which a signed token has no use for. */
const foreignParameters: readonly string[] = ["b64", "zip", "enc"];

/**
 * The rules for a token's header that hold whatever its keys are: an algorithm of the allowed ones (so neither
 * `none` in any case nor HMAC, unless listed), no embedded key, nothing critical that is not understood.
 * @see RFC 8725 §3.1, §3.2, RFC 7515 §4.1.11, RFC 7797 §6
 */
export function checkHeader(token: CompactToken, allowed: ReadonlySet<string>): RefusedToken | undefined {
  const { header } = token;
  if (typeof header["alg"] !== "string" || !allowed.has(header["alg"])) {
    return refuseToken("token-algorithm-not-allowed", `alg ${quoted(header["alg"])}`);
  }
  for (const name of embeddedKeys) {
    if (Object.hasOwn(header, name)) return refuseToken("token-key-unknown", `embedded key (${name})`);
  }
  // No extension is implemented, so every `crit` names something unknown.
  if (Object.hasOwn(header, "crit")) return refuseToken("token-type-not-allowed", "critical header extension");
  for (const name of foreignParameters) {
    if (Object.hasOwn(header, name)) return refuseToken("token-type-not-allowed", `header parameter ${name}`);
  }
  return checkNames(header);
}

function checkNames(header: Readonly<Record<string, unknown>>): RefusedToken | undefined {
  const { kid, typ } = header;
  if (kid !== undefined && typeof kid !== "string") return refuseToken("token-key-unknown", "kid is not a string");
  if (typ !== undefined && typeof typ !== "string") return refuseToken("token-type-not-allowed", "typ is not a string");
  return undefined;
}

/** The algorithms a provider's tokens may use; listing an HMAC algorithm in the definition does not allow it. */
export function allowedAlgorithms(listed: readonly string[]): ReadonlySet<string> {
  if (listed.length === 0) return asymmetricAlgorithms;
  return new Set(listed.filter((algorithm) => asymmetricAlgorithms.has(algorithm)));
}
