import { type KeyObject, verify } from "node:crypto";

interface Algorithm {
  readonly hash: string | null;
  readonly key: string;
}

/** SHA-1 and what is older is not believed. @see RFC 5758, RFC 4055, RFC 8410 */
const algorithms: Readonly<Record<string, Algorithm>> = {
  "1.2.840.113549.1.1.11": { hash: "sha256", key: "rsa" },
  "1.2.840.113549.1.1.12": { hash: "sha384", key: "rsa" },
  "1.2.840.113549.1.1.13": { hash: "sha512", key: "rsa" },
  "1.2.840.10045.4.3.2": { hash: "sha256", key: "ec" },
  "1.2.840.10045.4.3.3": { hash: "sha384", key: "ec" },
  "1.2.840.10045.4.3.4": { hash: "sha512", key: "ec" },
  "1.3.101.112": { hash: null, key: "ed25519" },
};

export interface Signed {
  /** OID. */
  readonly algorithm: string;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws Error for an algorithm that is not believed */
export function isSignedBy({ algorithm, data, signature }: Signed, key: KeyObject): boolean {
  const known = algorithmOf(algorithm);
  return key.asymmetricKeyType === known.key && verify(known.hash, data, key, signature);
}

/** The same beside everything else, for what is long. @throws Error for an algorithm that is not believed */
export async function isLongSignedBy({ algorithm, data, signature }: Signed, key: KeyObject): Promise<boolean> {
  const known = algorithmOf(algorithm);
  if (key.asymmetricKeyType !== known.key) return false;
  return new Promise((resolve, reject) => {
    verify(known.hash, data, key, signature, (error, genuine) => (error === null ? resolve(genuine) : reject(error)));
  });
}

function algorithmOf(id: string): Algorithm {
  const known = Object.hasOwn(algorithms, id) ? algorithms[id] : undefined;
  if (known === undefined) throw new Error("it is signed by an algorithm that is not believed");
  return known;
}
