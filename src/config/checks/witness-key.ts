import type { Parsed } from "#config/shapes/text.ts";
import { cosignatureType, mlDsaCosignatureType, readVerifierKey } from "#lib/verifier-key.ts";

const fix = "write it as its operator gives it: name+id+base64, as in witness.example/w1+1a2b3c4d+BAEC…";

/** Public, so that it is written as it is. @see https://c2sp.org/tlog-cosignature */
export function parseWitnessKey(text: string): Parsed<string> {
  const key = readVerifierKey(text);
  if (key === undefined) return { problem: "that is no public key of a witness", fix };
  if (key.type === cosignatureType || key.type === mlDsaCosignatureType) return { value: text.trim() };
  const problem = `${key.name} signs with another algorithm than cosignatures of Ed25519 (type 4) or ML-DSA-44 (type 6): its key is of type ${key.type}`;
  return { problem, fix: "take the key that the witness cosigns with" };
}
