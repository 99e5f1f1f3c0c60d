import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { JWK } from "jose";
import { calculateJwkThumbprint } from "jose/jwk/thumbprint";
import { FlattenedSign } from "jose/jws/flattened/sign";

/** The key that stands for an account: ES256, which every authority takes. */
export class AccountKey {
  /** Base64url of the SHA-256 of the public key. @see RFC 7638 */
  readonly thumbprint: string;
  readonly publicJwk: JWK;
  readonly #key: KeyObject;

  private constructor(key: KeyObject, publicJwk: JWK, thumbprint: string) {
    this.#key = key;
    this.publicJwk = publicJwk;
    this.thumbprint = thumbprint;
  }

  static generate(): Promise<AccountKey> {
    return AccountKey.#of(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
  }

  /** @param pem PKCS #8 @throws Error when it is none */
  static read(pem: string): Promise<AccountKey> {
    return AccountKey.#of(createPrivateKey(pem));
  }

  static async #of(key: KeyObject): Promise<AccountKey> {
    const { kty, crv, x, y } = createPublicKey(key).export({ format: "jwk" });
    const publicJwk = { kty, crv, x, y } as JWK;
    const thumbprint = await calculateJwkThumbprint(publicJwk);
    return new AccountKey(key, publicJwk, thumbprint);
  }

  export(): string {
    return this.#key.export({ format: "pem", type: "pkcs8" }).toString();
  }

  /** A flattened JWS. @param payload JSON text; empty for POST-as-GET (RFC 8555 §6.3) @see RFC 8555 §6.2 */
  async sign(payload: string, header: Readonly<Record<string, unknown>>): Promise<string> {
    const jws = await new FlattenedSign(Buffer.from(payload))
      .setProtectedHeader({ alg: "ES256", ...header })
      .sign(this.#key);
    return JSON.stringify(jws);
  }

  /**
   * Proves to the authority that this key may use an account of its own kind.
   *
   * @param hmacKey base64url, as the authority gave it
   * @see RFC 8555 §7.3.4
   */
  async bind(keyId: string, hmacKey: string, url: string): Promise<object> {
    return new FlattenedSign(Buffer.from(JSON.stringify(this.publicJwk)))
      .setProtectedHeader({ alg: "HS256", kid: keyId, url })
      .sign(Buffer.from(hmacKey, "base64url"));
  }
}
