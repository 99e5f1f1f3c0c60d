import { isObject } from "./strict-json.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

/** Keys looked at; providers publish a handful. */
const maxKeys = 64;

/** An issuer's keys as they are used: weak, foreign and ambiguous ones are left out. */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  readonly byId: ReadonlyMap<string, VerificationKey>;
  /** Equal text, equal keys. */
  readonly fingerprint: string;
  /** Why keys were left out; for the log. */
  readonly problems: readonly string[];
}

/**
 * Takes what is usable from a JWK set. HMAC secrets are never taken from a set that holds public keys: a public key's
 * text used as a secret is the oldest confusion there is.
 * @returns undefined when this is no key set, or holds more than {@link maxKeys}
 * @see RFC 7517 §5
 */
export async function importKeySet(document: unknown): Promise<KeySet | undefined> {
  const listed = isObject(document) ? document["keys"] : undefined;
  if (!Array.isArray(listed) || listed.length > maxKeys) return undefined;
  const imported: VerificationKey[] = [];
  const problems: string[] = [];
  for (const jwk of listed) {
    const key = isObject(jwk) ? await importVerificationKey(jwk) : "not an object";
    if (typeof key === "string") problems.push(key);
    else imported.push(key);
  }
  return assemble(withoutSecrets(imported, problems), repeatedNames(listed), problems);
}

function withoutSecrets(keys: readonly VerificationKey[], problems: string[]): readonly VerificationKey[] {
  const open = keys.filter((key) => !key.symmetric);
  if (open.length === 0 || open.length === keys.length) return keys;
  problems.push("a secret among public keys");
  return open;
}

/** Counted over everything meant for signatures, usable or not: a name that stands for two keys stands for neither. */
function repeatedNames(listed: readonly unknown[]): ReadonlySet<unknown> {
  const seen = new Set<unknown>();
  const repeated = new Set<unknown>();
  for (const jwk of listed) {
    const id = isObject(jwk) && jwk["use"] !== "enc" ? jwk["kid"] : undefined;
    if (id !== undefined && seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  return repeated;
}

function assemble(keys: readonly VerificationKey[], repeated: ReadonlySet<unknown>, problems: string[]): KeySet {
  const kept = keys.filter(({ id }) => !repeated.has(id));
  if (kept.length < keys.length) problems.push("a kid names several keys");
  const byId = new Map<string, VerificationKey>();
  for (const key of kept) if (key.id !== null) byId.set(key.id, key);
  const fingerprint = kept
    .map((key) => key.fingerprint)
    .toSorted()
    .join("\n");
  return { keys: kept, byId, fingerprint, problems };
}
