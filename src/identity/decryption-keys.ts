import { createPrivateKey, type KeyObject } from "node:crypto";
import { compactDecrypt } from "jose/jwe/compact/decrypt";
import type { TrustedKey } from "#model/token-trust.ts";
import { decodeUtf8 } from "./base64url.ts";
import {
  contentAlgorithms,
  curveKeyAlgorithms,
  parseEncrypted,
  rsaKeyAlgorithms,
  secretKeyAlgorithms,
} from "./encrypted-token.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";

/** Keys tried for a token that names none of them: each costs a millisecond. */
const maxCandidates = 8;
const smallestModulus = 2048;
const curves: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

interface DecryptionKey {
  readonly id: string | null;
  /** The key says what it is for, never the token. */
  readonly algorithms: readonly string[];
  readonly key: KeyObject | Uint8Array;
}

/** Keys with which tokens are opened that are encrypted for this gateway. */
export class DecryptionKeys {
  readonly #keys: readonly DecryptionKey[];

  /** Those that are too weak, or for nothing, are left out. */
  constructor(keys: readonly TrustedKey[]) {
    this.#keys = keys.map(importKey).filter((key) => key !== null);
  }

  /**
   * The signed token within. Being able to encrypt for somebody proves nothing, so it is checked as if it had come by
   * itself. Whatever goes wrong within is told in the same words.
   * @see RFC 7519 §5.2, RFC 8725 §2.1
   */
  async open(text: string): Promise<string | RefusedToken> {
    const token = parseEncrypted(text);
    if (!token.ok) return token;
    const { algorithm, id } = token;
    const named = this.#keys.filter((key) => key.id !== null && key.id.toLowerCase() === id?.toLowerCase());
    const candidates = (named.length > 0 ? named : this.#keys).filter((key) => key.algorithms.includes(algorithm));
    if (candidates.length > maxCandidates) return refuseToken("token-key-unknown", "too many keys to try");
    for (const { key } of candidates) {
      const within = await opened(text, key, algorithm);
      if (within !== undefined) return within;
    }
    return refuseToken("token-key-unknown", "no key opens the token");
  }
}

async function opened(text: string, key: KeyObject | Uint8Array, algorithm: string): Promise<string | undefined> {
  try {
    const { plaintext } = await compactDecrypt(text, key, {
      keyManagementAlgorithms: [algorithm],
      contentEncryptionAlgorithms: [...contentAlgorithms],
    });
    return decodeUtf8(plaintext);
  } catch {
    return undefined;
  }
}

function importKey({ id, material }: TrustedKey): DecryptionKey | null {
  if ("secret" in material) {
    const key = new Uint8Array(Buffer.from(material.secret, "base64"));
    return key.length < 16 ? null : { id: id ?? null, algorithms: algorithmsOf(key.length), key };
  }
  if (!("certificate" in material)) return null;
  const pem = material.certificate.revealKey();
  if (pem === null) return null;
  const key = createPrivateKey(pem);
  const algorithms = algorithmsFor(key);
  // Entra ID, and all that .NET makes, call a certificate's key by its thumbprint.
  return algorithms === null ? null : { id: id ?? material.certificate.thumbprint, algorithms, key };
}

function algorithmsFor({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] | null {
  const { modulusLength = 0, namedCurve = "" } = asymmetricKeyDetails ?? {};
  if (asymmetricKeyType === "rsa") return modulusLength < smallestModulus ? null : rsaKeyAlgorithms;
  return asymmetricKeyType === "ec" && curves.has(namedCurve) ? curveKeyAlgorithms : null;
}

/** A key that wraps others has exactly its length; how long the content's own is, is that of its `enc`. */
function algorithmsOf(bytes: number): readonly string[] {
  return secretKeyAlgorithms.filter((name) => name === "dir" || name === `A${bytes * 8}KW`);
}
