import type { OwnCertificate } from "./own-certificate.ts";
import type { ReasonCode } from "./reasons.ts";

/**
 * Whose tokens one policy believes, by itself: nothing of it makes a principal. The same object for every request,
 * where nothing of it is computed: what was verified is remembered by it.
 */
export interface TokenTrust {
  readonly metadata: readonly TrustedMetadata[];
  readonly keys: readonly TrustedKey[];
  /** With which encrypted tokens are opened; what is in them must be signed all the same. Absent: none. */
  readonly decryption?: readonly TrustedKey[];
  /** Tokens that say themselves that nobody has signed them (`alg: none`) are taken at their word. */
  readonly unsigned?: true;
}

/** An OpenID provider's metadata. */
export interface TrustedMetadata {
  readonly url: string;
  /** It stands in the definition; a computed one must match `egress.allow`. */
  readonly declared: boolean;
}

/** A key that is written out: a secret in base64, an RSA key's modulus and exponent in base64url, or that of a certificate. */
export interface TrustedKey {
  /** The `kid` of tokens that it is for; absent: any. */
  readonly id?: string;
  readonly material:
    | { readonly secret: string }
    | { readonly n: string; readonly e: string }
    | { readonly certificate: OwnCertificate };
}

export type TrustVerdict =
  | {
      readonly ok: true;
      readonly claims: Readonly<Record<string, unknown>>;
      /**
       * What the metadata whose key made the token calls its issuer; null when a written key made it, or nobody signed
       * it where there is no metadata; empty for an unsigned one that no metadata is of.
       */
      readonly issuer: string | null;
    }
  | { readonly ok: false; readonly reason: ReasonCode; readonly detail: string };

/** Checks form and signature of a token; times, issuer, audience and all other claims are the asker's business. */
export interface TrustedTokens {
  verify(token: string, trust: TokenTrust): TrustVerdict | Promise<TrustVerdict>;
}
