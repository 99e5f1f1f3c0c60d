import assert from "node:assert/strict";
import { it } from "node:test";
import { cosignatureType, noteSignatureType, writeVerifierKey } from "#lib/verifier-key.ts";
import { parseWitnessKey } from "./witness-key.ts";

const publicKey = Buffer.alloc(32, 7);
const good = writeVerifierKey("witness.example/w1", cosignatureType, publicKey);

it("takes the key of a witness as its operator writes it, and no other", () => {
  assert.deepEqual(parseWitnessKey(` ${good}\n`), { value: good });
  const ofLog = parseWitnessKey(writeVerifierKey("log.example", noteSignatureType, publicKey));
  assert.match("problem" in ofLog ? ofLog.problem : "", /log\.example signs with another algorithm.*type 1/);
  const [name, id, key] = good.split("+");
  const mlDsa = `${name}+${id}+${Buffer.alloc(1313, 6).toString("base64")}`;
  for (const other of ["", "witness", good.slice(1), `${name}+00000000+${key}`, `${good}A`, mlDsa]) {
    assert.ok("problem" in parseWitnessKey(other), other.slice(0, 60));
  }
});
