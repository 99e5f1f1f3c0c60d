import type { Parsed } from "#config/shapes/text.ts";
import { cosignatureType, readVerifierKey } from "#lib/verifier-key.ts";

const fix = "write it as its operator gives it: name+id+base64, as in witness.example/w1+1a2b3c4d+BAEC…";

/** Public, so that it is written as it is. @see https://c2sp.org/tlog-cosignature */
export function parseWitnessKey(text: string): Parsed<string> {
  const key = readVerifierKey(text);
  if (key === undefined) return { problem: "that is no public key of a witness", fix };
  if (key.type === cosignatureType) return { value: text.trim() };
  const problem = `${key.name} signs with another algorithm than Ed25519 cosignatures (type 4): its key is of type ${key.type}`;
  return { problem, fix: "take the witness's key for cosignature/v1" };
}
