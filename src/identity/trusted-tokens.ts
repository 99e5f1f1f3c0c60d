import { Buffer } from "node:buffer";
import { X509Certificate } from "node:crypto";
import type { TokenTrust, TrustedKey, TrustedMetadata, TrustedTokens, TrustVerdict } from "#model/token-trust.ts";
import { asymmetricAlgorithms, hmacAlgorithms } from "./algorithms.ts";
import { type CompactToken, parseClaims, parseCompact } from "./compact.ts";
import { DecryptionKeys } from "./decryption-keys.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { isEncrypted } from "./encrypted-token.ts";
import { checkHeader } from "./header-rules.ts";
import { importKeySet, type KeySet } from "./key-set.ts";
import { MetadataKeys, type MetadataPorts } from "./metadata-keys.ts";
import { type Generation, TokenCache } from "./token-cache.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";
import { namesKnownKey, verifySignature } from "./verify.ts";

/** Of metadata documents at a time. URLs may be computed, so the oldest goes. */
const maxMetadata = 256;

/** Verified tokens that are remembered, of all policies together. */
const remembered = { entries: 10_000, bytes: 32 * 1024 * 1024 };

/** Claims are checked at each use, so a token may be remembered beyond its end; this bounds how long. */
const rememberMs = 10 * 60 * 1000;

const secretAlgorithms: ReadonlySet<string> = new Set(Object.keys(hmacAlgorithms));

/** Keys that are written out never change while the policy stands. */
const unchanging: Generation = { generation: 0 };

/** What is known of one policy's trust. */
interface Known {
  /** Apart, so that a public key's text can never serve as a secret. */
  readonly secrets: Promise<KeySet | undefined>;
  readonly publicKeys: Promise<KeySet | undefined>;
  /** Null: none is opened. */
  readonly decryption: DecryptionKeys | null;
  readonly verified: TokenCache<TrustVerdict>;
}

/** {@link TrustedTokens} with the keys that policies name. */
export function createTrustedTokens(ports: MetadataPorts): TrustedTokens {
  return new TrustingVerifier(ports);
}

class TrustingVerifier implements TrustedTokens {
  readonly #ports: MetadataPorts;
  readonly #metadata = new Map<string, MetadataKeys>();
  readonly #known = new WeakMap<TokenTrust, Known>();

  constructor(ports: MetadataPorts) {
    this.#ports = ports;
  }

  verify(token: string, trust: TokenTrust): TrustVerdict | Promise<TrustVerdict> {
    const known = this.#knownOf(trust);
    return known.verified.get(token, this.#ports.clock.now()) ?? this.#judge(token, trust, known);
  }

  async #judge(text: string, trust: TokenTrust, known: Known): Promise<TrustVerdict> {
    const { metadata } = trust;
    const signed = known.decryption !== null && isEncrypted(text) ? await known.decryption.open(text) : text;
    if (typeof signed !== "string") return signed;
    const token = parseCompact(signed);
    if (!token.ok) return token;
    const claims = parseClaims(token);
    if (claims === undefined) return refuseToken("token-malformed", "payload is not a JSON object with unique names");
    // Nothing here has its sender prove what it is bound to.
    if (claims["cnf"] !== undefined) return refuseToken("token-claim-not-allowed", "sender-constrained token");
    if (isUnsigned(token)) return this.#unsigned(trust, claims);
    const until = this.#ports.clock.now() + rememberMs;
    let refusal = await byWrittenKeys(token, known);
    if (refusal === undefined) {
      const verdict: TrustVerdict = { ok: true, claims: deepFreeze(claims), issuer: null };
      known.verified.set(text, verdict, until, unchanging, 0);
      return verdict;
    }
    for (const one of metadata) {
      const source = this.#metadataOf(one);
      const { ring } = source;
      const keys = await currentKeys(source, token);
      const { generation } = ring;
      const { issuer } = source;
      const problem = keys === null || issuer === null ? unavailable : await byPublicKeys(token, keys);
      if (problem === undefined) {
        const verdict: TrustVerdict = { ok: true, claims: deepFreeze(claims), issuer };
        known.verified.set(text, verdict, until, ring, generation);
        return verdict;
      }
      refusal = graver(refusal, problem);
    }
    return refusal;
  }

  /** Nothing proves it: it says who it is from, and where there is metadata that has to be its issuer. */
  async #unsigned(
    { unsigned, metadata }: TokenTrust,
    claims: Readonly<Record<string, unknown>>,
  ): Promise<TrustVerdict> {
    if (unsigned !== true) return refuseToken("token-algorithm-not-allowed", "alg none");
    let issuer = metadata.length === 0 ? null : "";
    for (const one of metadata) {
      const source = this.#metadataOf(one);
      await source.ring.current();
      if (source.issuer !== null && source.issuer === claims["iss"]) issuer = source.issuer;
    }
    return { ok: true, claims: deepFreeze(claims), issuer };
  }

  #knownOf(trust: TokenTrust): Known {
    let known = this.#known.get(trust);
    if (known === undefined) {
      known = {
        secrets: keysOf(trust.keys.filter(({ material }) => "secret" in material)),
        publicKeys: keysOf(trust.keys.filter(({ material }) => !("secret" in material))),
        decryption: trust.decryption === undefined ? null : new DecryptionKeys(trust.decryption),
        verified: new TokenCache(remembered),
      };
      this.#known.set(trust, known);
    }
    return known;
  }

  /** Kept by URL, over reloads too. */
  #metadataOf(wanted: TrustedMetadata): MetadataKeys {
    // A computed URL never gets the keys that a declared one may fetch from anywhere.
    const name = `${wanted.declared} ${wanted.url}`;
    const source = this.#metadata.get(name) ?? new MetadataKeys(wanted, this.#ports);
    this.#metadata.delete(name);
    this.#metadata.set(name, source);
    if (this.#metadata.size > maxMetadata) this.#dropOldest();
    return source;
  }

  #dropOldest(): void {
    for (const [name, { ring }] of this.#metadata) {
      ring.close();
      this.#metadata.delete(name);
      return;
    }
  }
}

/** By its header and by its third part: one that has a signature is judged by that. @see RFC 7519 §6 */
function isUnsigned({ header, text }: CompactToken): boolean {
  return header["alg"] === "none" && text.endsWith(".");
}

async function currentKeys({ ring }: MetadataKeys, token: CompactToken): Promise<KeySet | null> {
  const keys = await ring.current();
  if (keys === null || namesKnownKey(token, keys)) return keys;
  await ring.refreshForUnknownKey((fresh) => namesKnownKey(token, fresh));
  return ring.keys;
}

async function byWrittenKeys(token: CompactToken, { secrets, publicKeys }: Known): Promise<RefusedToken | undefined> {
  const secret = await secrets;
  const problem =
    secret === undefined
      ? refuseToken("token-key-unknown", "no key")
      : (checkHeader(token, secretAlgorithms) ?? (await verifySignature(token, secret)));
  if (problem === undefined) return undefined;
  const keys = await publicKeys;
  if (keys === undefined) return problem;
  const other = await byPublicKeys(token, keys);
  return other === undefined ? undefined : graver(problem, other);
}

async function byPublicKeys(token: CompactToken, keys: KeySet): Promise<RefusedToken | undefined> {
  return checkHeader(token, asymmetricAlgorithms) ?? (await verifySignature(token, keys));
}

const unavailable: RefusedToken = refuseToken("provider-unavailable", "no keys of the metadata");

/**
 * Which of two refusals is told: that a key did fit and the signature did not, before that keys could not be had,
 * before that no key fits.
 */
function graver(one: RefusedToken, other: RefusedToken): RefusedToken {
  return rank(other) > rank(one) ? other : one;
}

function rank({ reason }: RefusedToken): number {
  if (reason === "token-signature-invalid") return 3;
  if (reason === "provider-unavailable") return 2;
  return reason === "token-algorithm-not-allowed" ? 0 : 1;
}

/** Undefined when there are none, or none that is strong enough for an algorithm. */
async function keysOf(keys: readonly TrustedKey[]): Promise<KeySet | undefined> {
  const set = await importKeySet({ keys: keys.map(toJwk) });
  return set === undefined || set.keys.length === 0 ? undefined : set;
}

function toJwk({ id, material }: TrustedKey): Readonly<Record<string, unknown>> {
  const name = id === undefined ? {} : { kid: id };
  if ("n" in material) return { kty: "RSA", n: urlForm(material.n), e: urlForm(material.e), ...name };
  if ("certificate" in material) {
    const { publicKey } = new X509Certificate(material.certificate.chainPem);
    return { ...publicKey.export({ format: "jwk" }), ...name };
  }
  return { kty: "oct", k: Buffer.from(material.secret, "base64").toString("base64url"), ...name };
}

/** Either alphabet, without padding. */
function urlForm(text: string): string {
  return text.trim().replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
