import { createPrivateKey, generateKeyPair, type KeyObject, webcrypto } from "node:crypto";
import { promisify } from "node:util";

export type KeyType = "p256" | "p384" | "rsa2048" | "rsa4096";

const generate = promisify(generateKeyPair);

/** A new private key, PKCS #8 PEM. RSA takes up to seconds, off the main thread. */
export async function makeKey(type: KeyType): Promise<string> {
  const { privateKey } =
    type === "p256" || type === "p384"
      ? await generate("ec", { namedCurve: type === "p256" ? "P-256" : "P-384" })
      : await generate("rsa", { modulusLength: type === "rsa2048" ? 2048 : 4096 });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** What signs with the key in WebCrypto. */
export interface SigningKeys {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly algorithm: { readonly name: string; readonly hash: string };
}

/** @param pem PKCS #8 @throws Error when the key is neither EC nor RSA */
export async function importKeys(pem: string): Promise<SigningKeys> {
  const key = createPrivateKey(pem);
  const { name, hash, namedCurve } = algorithmOf(key);
  const parameters = namedCurve === undefined ? { name, hash } : { name, namedCurve };
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey("pkcs8", der(key), parameters, true, ["sign"]);
  const jwk = await subtle.exportKey("jwk", privateKey);
  const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...open } = jwk;
  const publicKey = await subtle.importKey("jwk", { ...open, key_ops: ["verify"] }, parameters, true, ["verify"]);
  return { keys: { privateKey, publicKey }, algorithm: { name, hash } };
}

function der(key: KeyObject): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(key.export({ format: "der", type: "pkcs8" }));
}

function algorithmOf(key: KeyObject): { name: string; hash: string; namedCurve?: string } {
  if (key.asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (curve === "prime256v1") return { name: "ECDSA", hash: "SHA-256", namedCurve: "P-256" };
  if (curve === "secp384r1") return { name: "ECDSA", hash: "SHA-384", namedCurve: "P-384" };
  throw new Error(`keys of the type ${key.asymmetricKeyType ?? "unknown"} are not supported`);
}

/** The type that a key is of, nearly: a challenge's certificate has a key of the kind that the site has. */
export function keyTypeOf(key: KeyObject): KeyType {
  if (key.asymmetricKeyType === "rsa") return "rsa2048";
  return key.asymmetricKeyDetails?.namedCurve === "secp384r1" ? "p384" : "p256";
}
