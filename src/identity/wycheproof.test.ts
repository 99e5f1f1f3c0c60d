import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { importKeySet } from "./key-set.ts";
import { verifyWithKeys } from "./verify.ts";

const folder = join(import.meta.dirname, "../../../shared/corpora/jose");
const skip = existsSync(folder) ? false : `corpora absent: ${folder}`;

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws: unknown;
  readonly result: "valid" | "invalid";
}

interface Group {
  readonly private: Readonly<Record<string, unknown>>;
  readonly public?: Readonly<Record<string, unknown>>;
  readonly tests: readonly Vector[];
}

function read(name: string): readonly Group[] {
  return (JSON.parse(readFileSync(join(folder, name), "utf8")) as { testGroups: readonly Group[] }).testGroups;
}

async function accepts(group: Group, vector: Vector): Promise<boolean> {
  const published = group.public ?? group.private;
  const keys = await importKeySet("keys" in published ? published : { keys: [published] });
  if (keys === undefined || typeof vector.jws !== "string") return false;
  return (await verifyWithKeys(vector.jws, keys)).ok;
}

async function disagreements(groups: readonly Group[]): Promise<readonly number[]> {
  const found: number[] = [];
  for (const group of groups) {
    for (const vector of group.tests) {
      if ((await accepts(group, vector)) !== (vector.result === "valid")) found.push(vector.tcId);
    }
  }
  return found;
}

/**
 * Vectors whose verdict no verifier that follows the RFCs can give, or that a stricter rule refuses. A listed vector
 * that starts to agree fails the test, so that the list shrinks.
 */
const known: Readonly<Record<number, string>> = {
  346: "stricter: the key's alg is PS256, the token's PS384 (as 350; 338 wants the same case refused)",
  347: "stricter: the key's alg is ES521, which is no algorithm",
  350: "stricter: as 346",
  351: "stricter: as 347",
  367: "contradictory: byte for byte the token of 357, which is valid",
  370: "contradictory: byte for byte the token of 357, which is valid",
  372: "the character ? in the header is outside base64url, and the MAC is not over the bytes sent",
  373: "the character ? in the payload is outside base64url, and the MAC is not over the bytes sent",
};

describe("Wycheproof: JSON web signatures", { skip }, () => {
  const groups = skip === false ? read("json_web_signature_test.json") : [];
  const vectors = groups.flatMap((group) => group.tests);

  it("the file is whole", () => {
    assert.equal(groups.length, 23);
    assert.equal(vectors.length, 401);
    assert.equal(vectors.filter(({ result }) => result === "valid").length, 46);
  });

  it("every verdict agrees but for the known differences", async () => {
    assert.deepEqual(await disagreements(groups), Object.keys(known).map(Number));
  });

  it("the contradiction is in the file, not in the verifier", () => {
    const same = vectors.filter(({ tcId }) => tcId === 357 || tcId === 367 || tcId === 370);
    assert.equal(same.length, 3);
    assert.equal(new Set(same.map(({ jws }) => jws)).size, 1);
  });
});

describe("Wycheproof: JSON web keys", { skip }, () => {
  const groups = skip === false ? read("json_web_key_test.json") : [];

  it("every verdict agrees", async () => {
    assert.equal(groups.length, 25);
    assert.equal(groups.flatMap((group) => group.tests).length, 26);
    assert.deepEqual(await disagreements(groups), []);
  });
});
