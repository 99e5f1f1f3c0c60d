import { createHash, randomUUID } from "node:crypto";
import { calculateJwkThumbprint, CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from "jose";

type Fields = Readonly<Record<string, unknown>>;

/** For tests: a client with a key of its own, which makes proofs as it should, with changes. */
export class ProofMaker {
  readonly jwk: JWK;
  readonly thumbprint: string;
  readonly algorithm: string;
  readonly #key: CryptoKey;

  static async make(algorithm: string = "ES256"): Promise<ProofMaker> {
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const jwk = await exportJWK(publicKey);
    return new ProofMaker(jwk, await calculateJwkThumbprint(jwk), algorithm, privateKey);
  }

  private constructor(jwk: JWK, thumbprint: string, algorithm: string, key: CryptoKey) {
    this.jwk = jwk;
    this.thumbprint = thumbprint;
    this.algorithm = algorithm;
    this.#key = key;
  }

  /** @param claims `htm` and `htu`, and what is to be otherwise; undefined takes one out */
  async proof(token: string, claims: Fields, header: Fields = {}): Promise<string> {
    const payload = {
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      ath: createHash("sha256").update(token).digest("base64url"),
      ...claims,
    };
    const fields = { typ: "dpop+jwt", alg: this.algorithm, jwk: this.jwk, ...header };
    return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(fields).sign(this.#key);
  }
}
