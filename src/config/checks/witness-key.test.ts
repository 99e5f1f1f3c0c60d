import assert from "node:assert/strict";
import { it } from "node:test";
import { cosignatureType, mlDsaCosignatureType, noteSignatureType, writeVerifierKey } from "#lib/verifier-key.ts";
import { parseWitnessKey } from "./witness-key.ts";

const publicKey = Buffer.alloc(32, 7);
const good = writeVerifierKey("witness.example/w1", cosignatureType, publicKey);

it("takes the key of a witness as its operator writes it, and no other", () => {
  assert.deepEqual(parseWitnessKey(` ${good}\n`), { value: good });
  const ofLog = parseWitnessKey(writeVerifierKey("log.example", noteSignatureType, publicKey));
  assert.match("problem" in ofLog ? ofLog.problem : "", /log\.example signs with another algorithm.*type 1/);
  const mlDsa = writeVerifierKey("witness.example/w1", mlDsaCosignatureType, Buffer.alloc(1312, 7));
  assert.deepEqual(parseWitnessKey(mlDsa), { value: mlDsa });
  const [name, , key] = good.split("+");
  const short = writeVerifierKey("witness.example/w1", mlDsaCosignatureType, publicKey);
  const long = writeVerifierKey("witness.example/w1", cosignatureType, Buffer.alloc(1312, 7));
  for (const other of ["", "witness", good.slice(1), `${name}+00000000+${key}`, `${good}A`, `${mlDsa}A`, short, long]) {
    assert.ok("problem" in parseWitnessKey(other), other.slice(0, 60));
  }
});
