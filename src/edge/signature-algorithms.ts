import { Buffer } from "node:buffer";
import { constants, type KeyObject, verify, type VerifyKeyObjectInput } from "node:crypto";
import { readPssParameters } from "./pss-parameters.ts";

interface Algorithm {
  readonly hash: string | null;
  /** Types of keys that may have signed. */
  readonly keys: readonly string[];
  /** Bytes of RSA-PSS's salt; null: it is not RSA-PSS. */
  readonly saltLength: number | null;
}

function algorithm(hash: string | null, key: string): Algorithm {
  return { hash, keys: [key], saltLength: null };
}

/** SHA-1 and what is older is not believed. @see RFC 5758, RFC 4055, RFC 8410 */
const algorithms: Readonly<Record<string, Algorithm>> = {
  "1.2.840.113549.1.1.11": algorithm("sha256", "rsa"),
  "1.2.840.113549.1.1.12": algorithm("sha384", "rsa"),
  "1.2.840.113549.1.1.13": algorithm("sha512", "rsa"),
  "1.2.840.10045.4.3.2": algorithm("sha256", "ec"),
  "1.2.840.10045.4.3.3": algorithm("sha384", "ec"),
  "1.2.840.10045.4.3.4": algorithm("sha512", "ec"),
  "1.3.101.112": algorithm(null, "ed25519"),
};
const rsaPss = "1.2.840.113549.1.1.10";

/** How something is signed. */
export interface SignatureAlgorithm {
  /** OID. */
  readonly id: string;
  /** DER; null: there are none. */
  readonly parameters: Uint8Array | null;
}

export interface Signed {
  readonly algorithm: SignatureAlgorithm;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

/** @throws Error for an algorithm that is not believed */
export function isSignedBy({ algorithm: how, data, signature }: Signed, key: KeyObject): boolean {
  const known = algorithmOf(how);
  return canHaveSigned(key, known) && verify(known.hash, data, keyFor(key, known), signature);
}

/** The same beside everything else, for what is long. @throws Error for an algorithm that is not believed */
export async function isLongSignedBy({ algorithm: how, data, signature }: Signed, key: KeyObject): Promise<boolean> {
  const known = algorithmOf(how);
  if (!canHaveSigned(key, known)) return false;
  return new Promise((resolve, reject) => {
    verify(known.hash, data, keyFor(key, known), signature, (error, genuine) =>
      error === null ? resolve(genuine) : reject(error),
    );
  });
}

function canHaveSigned({ asymmetricKeyType }: KeyObject, { keys }: Algorithm): boolean {
  return asymmetricKeyType !== undefined && keys.includes(asymmetricKeyType);
}

/** The mask is of the same hash as the data then. */
function keyFor(key: KeyObject, { saltLength }: Algorithm): VerifyKeyObjectInput {
  return saltLength === null ? { key } : { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}

function algorithmOf({ id, parameters }: SignatureAlgorithm): Algorithm {
  if (id === rsaPss) return { keys: ["rsa", "rsa-pss"], ...readPssParameters(Buffer.from(parameters ?? [])) };
  const known = Object.hasOwn(algorithms, id) ? algorithms[id] : undefined;
  if (known === undefined) throw new Error("it is signed by an algorithm that is not believed");
  return known;
}
