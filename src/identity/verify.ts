import type { CryptoKey } from "jose";
import { compactVerify } from "jose/jws/compact/verify";
import { asymmetricAlgorithms, hmacAlgorithms } from "./algorithms.ts";
import { type CompactToken, parseCompact } from "./compact.ts";
import { checkHeader } from "./header-rules.ts";
import type { KeySet } from "./key-set.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";
import type { VerificationKey } from "./verification-key.ts";

/** Keys tried for a token that names none; bounds the work a token without `kid` can ask for. */
const maxCandidates = 8;

/**
 * Checks the signature of a token whose header has passed {@link checkHeader} against the keys of its issuer, and
 * no others. `maySign` leaves out keys that are another issuer's. @returns undefined when one of them made it
 */
export async function verifySignature(
  token: CompactToken,
  keys: KeySet,
  maySign: (key: VerificationKey) => boolean = anyKey,
): Promise<RefusedToken | undefined> {
  const algorithm = token.header["alg"] as string;
  const candidates = candidatesFor(token, keys, algorithm, maySign);
  if (!Array.isArray(candidates)) return candidates;
  for (const key of candidates) {
    if (await isSignedBy(token, key, algorithm)) return undefined;
  }
  return refuseToken("token-signature-invalid", `alg ${algorithm}, kid ${quoted(token.header["kid"])}`);
}

const anyKey = (): boolean => true;

/** False when only a fresh key set could tell who signed the token. */
export function namesKnownKey(token: CompactToken, keys: KeySet): boolean {
  const id = token.header["kid"];
  return typeof id !== "string" || keys.byId.has(id) || keys.keys.length > keys.byId.size;
}

function candidatesFor(
  token: CompactToken,
  keys: KeySet,
  algorithm: string,
  maySign: (key: VerificationKey) => boolean,
): (CryptoKey | Uint8Array)[] | RefusedToken {
  const id = token.header["kid"];
  const named = typeof id === "string" ? keys.byId.get(id) : undefined;
  // A key set without names serves tokens that name a key: there is nothing to compare.
  const nameless = keys.keys.filter((key) => typeof id !== "string" || key.id === null);
  const possible = (named === undefined ? nameless : [named]).filter(maySign);
  if (possible.length === 0) return refuseToken("token-key-unknown", `kid ${quoted(id)}`);
  const usable = possible.flatMap((key) => key.byAlgorithm.get(algorithm) ?? []);
  if (usable.length === 0)
    return refuseToken("token-algorithm-not-allowed", `no key of the issuer is for ${algorithm}`);
  if (usable.length > maxCandidates) return refuseToken("token-key-unknown", "no kid, and too many keys to try");
  return usable;
}

async function isSignedBy(token: CompactToken, key: CryptoKey | Uint8Array, algorithm: string): Promise<boolean> {
  try {
    await compactVerify(token.text, key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}

const everyAlgorithm: ReadonlySet<string> = new Set([...asymmetricAlgorithms, ...Object.keys(hmacAlgorithms)]);

/** The whole way of a token's bytes, without claims: form, header, signature. HMAC only if the set holds secrets alone. */
export async function verifyWithKeys(text: string, keys: KeySet): Promise<CompactToken | RefusedToken> {
  const token = parseCompact(text);
  if (!token.ok) return token;
  return checkHeader(token, everyAlgorithm) ?? (await verifySignature(token, keys)) ?? token;
}
