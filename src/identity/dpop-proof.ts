import { Buffer } from "node:buffer";
import { clientScheme } from "#model/client-scheme.ts";
import type { RequestFacts } from "#model/exchange.ts";
import type { Clock, RateLimiter } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { asymmetricAlgorithms } from "./algorithms.ts";
import { decodeBase64url } from "./base64url.ts";
import { type CompactToken, parseClaims, parseCompact } from "./compact.ts";
import type { Claims } from "./claim-values.ts";
import type { DpopNonces } from "./dpop-nonces.ts";
import { type ProofKey, readProofKey } from "./proof-key.ts";
import { isObject } from "./strict-json.ts";
import { TwoGenerations } from "#lib/two-generations.ts";

/** How old a proof may be, and how far ahead of us its maker's clock. */
const oldestMs = 60_000;
const aheadMs = 10_000;
/** As long as a proof could be sent again: its number is remembered that long. */
const windowMs: number = oldestMs + aheadMs + 1000;

const maxProofLength = 8192;
const maxIdLength = 256;

/** Keys of proofs that were good; with each of them some kilobytes of the runtime's. */
const keyBounds = { entries: 2000, bytes: 8 * 1024 * 1024 };
const bytesPerKey = 4096;

export interface ProofPorts {
  readonly clock: Clock;
  /** Shared by all workers, and for proofs alone. */
  readonly replays: Pick<RateLimiter, "take">;
  /** Names the limit. */
  readonly limiter: number;
  /** Milliseconds since the epoch. What was used before is not known, so proofs from before are not believed. */
  readonly startedAt: number;
  readonly nonces: DpopNonces;
}

/** The token that the proof belongs to. */
export interface ProvenToken {
  /** SHA-256 of its bytes, base64url. */
  readonly digest: string;
  /** Thumbprint of the key that it is bound to. */
  readonly key: string;
  /** The proof must hold a nonce of ours. */
  readonly nonces?: true | undefined;
}

/** A nonce that is soon over: the client is given the one to go on with. */
export interface NextNonce {
  readonly nextNonce: string;
}

export interface ProofProblem {
  readonly reason: ReasonCode;
  readonly detail: string;
}

/**
 * Checks proofs of possession, each for one request and once. Synchronous; a key that has proven something before costs
 * one signature check.
 * @see RFC 9449 §4.3, §11.1
 */
export class ProofChecker {
  readonly #ports: ProofPorts;
  /** By the proof's whole header, which a client sends with each of its proofs. */
  readonly #keys = new TwoGenerations<ProofKey>(keyBounds.entries, keyBounds.bytes);

  constructor(ports: ProofPorts) {
    this.#ports = ports;
  }

  /** What the next proof must hold, where one must. */
  nonce(): string {
    return this.#ports.nonces.current();
  }

  /** @returns no problem when the proof is good, and now used up */
  check(text: string, facts: RequestFacts, token: ProvenToken): ProofProblem | NextNonce | undefined {
    if (text.length > maxProofLength) return invalid("longer than 8 KiB");
    const proof = parseCompact(text);
    if (!proof.ok) return invalid(proof.detail);
    const key = this.#keyOf(proof);
    if (typeof key === "string") return invalid(key);
    if (key.thumbprint !== token.key) return invalid("made by another key than the token's");
    const claims = parseClaims(proof);
    const problem = claims === undefined ? "payload is not a JSON object" : this.#claimProblem(claims, facts, token);
    if (problem !== undefined) return invalid(problem);
    const nonce = token.nonces === true ? this.#ports.nonces.standing(claims?.["nonce"]) : "current";
    if (nonce === "unknown") return { reason: "dpop-nonce-required", detail: "no nonce of ours, or an old one" };
    const signed = text.lastIndexOf(".");
    const signature = decodeBase64url(text.slice(signed + 1));
    if (signature === undefined || !key.isSigned(Buffer.from(text.slice(0, signed)), signature)) {
      return invalid("the signature does not fit");
    }
    const header = headerOf(text);
    if (this.#keys.get(header) === undefined) this.#keys.set(header, key, bytesPerKey);
    const used = this.#use(`${key.thumbprint} ${(claims as Claims)["jti"] as string}`);
    return used ?? (nonce === "passing" ? { nextNonce: this.nonce() } : undefined);
  }

  #keyOf({ header, text }: CompactToken): ProofKey | string {
    const known = this.#keys.get(headerOf(text));
    if (known !== undefined) return known;
    const { typ, alg, jwk, crit } = header;
    if (typeof typ !== "string" || typ.toLowerCase() !== "dpop+jwt") return "typ is not dpop+jwt";
    if (typeof alg !== "string" || !asymmetricAlgorithms.has(alg)) return "alg is not an asymmetric one";
    if (crit !== undefined || header["b64"] !== undefined) return "critical header extension";
    return (isObject(jwk) ? readProofKey(jwk, alg) : undefined) ?? "jwk is no public key for its alg";
  }

  #claimProblem({ jti, htm, htu, iat, ath }: Claims, facts: RequestFacts, token: ProvenToken): string | undefined {
    if (typeof jti !== "string" || jti === "" || jti.length > maxIdLength) return "jti is missing or too long";
    if (htm !== facts.method) return "htm is another method";
    if (!isForUrl(htu, facts)) return "htu is another URL";
    if (ath !== token.digest) return "ath is of another token";
    return this.#timeProblem(iat);
  }

  #timeProblem(iat: unknown): string | undefined {
    if (typeof iat !== "number" || !Number.isFinite(iat)) return "iat is no number";
    const { clock, startedAt } = this.#ports;
    const made = iat * 1000;
    if (made < clock.now() - oldestMs) return "iat is too long ago";
    if (made > clock.now() + aheadMs) return "iat is in the future";
    return made + 1000 <= startedAt ? "made before this gateway started" : undefined;
  }

  /** Refused as well where there is no room to remember it. */
  #use(id: string): ProofProblem | undefined {
    const { replays, limiter } = this.#ports;
    if (replays.take(limiter, id, 1, windowMs) >= 0) return undefined;
    return { reason: "dpop-proof-replayed", detail: "jti was used before, or too many proofs are remembered" };
  }
}

/** What a limit for proofs counts by; for its name. */
export const proofWindowMs: number = windowMs;

/** Scheme, host, port and path, without query and fragment, in any spelling of the same. @see RFC 9449 §4.3 */
function isForUrl(htu: unknown, facts: RequestFacts): boolean {
  if (typeof htu !== "string") return false;
  const { authority, target } = facts;
  const query = target.indexOf("?");
  const ours = `${clientScheme(facts)}://${authority}${query < 0 ? target : target.slice(0, query)}`;
  if (htu === ours) return true;
  const theirs = URL.parse(htu);
  const here = URL.parse(ours);
  if (theirs === null || here === null || theirs.username !== "" || theirs.password !== "") return false;
  return theirs.origin === here.origin && theirs.pathname === here.pathname;
}

function headerOf(text: string): string {
  return text.slice(0, text.indexOf("."));
}

function invalid(detail: string): ProofProblem {
  return { reason: "dpop-proof-invalid", detail };
}
