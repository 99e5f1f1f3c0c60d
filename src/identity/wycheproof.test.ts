import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { JWK } from "jose";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { TrustedKey } from "#model/token-trust.ts";
import { DecryptionKeys } from "./decryption-keys.ts";
import { importKeySet } from "./key-set.ts";
import { verifyWithKeys } from "./verify.ts";

const folder = join(import.meta.dirname, "../../../shared/corpora/jose");
const skip = existsSync(folder) ? false : `corpora absent: ${folder}`;

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly jws?: unknown;
  readonly jwe?: unknown;
  /** Hexadecimal: what a valid encrypted token holds. */
  readonly pt?: string;
  readonly result: "valid" | "invalid";
}

interface Group {
  readonly comment: string;
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
 * Vectors whose verdict is not ours, and the only reading that would give it. All 23 groups were read with their own key,
 * its `alg`, `use` and `key_ops`, the comments and flags. A listed vector that starts to agree fails the test.
 *
 * - 346, 350: the key says PS256, the token PS384 (RFC 7520's figure 20, whose own key names no `alg`). To agree, a key
 *   would have to serve every longer hash than the one it names: RFC 8725 §3.1 says exactly one, and 338 and 340 (PS512
 *   key, PS256 and PS384 tokens) are refused by that rule.
 * - 367, 370: the very bytes and the key of 357, which is valid. No function of token and key can agree with all three:
 *   an error of the file, https://github.com/C2SP/wycheproof/issues/236.
 * - 372, 373: 357 with a `?` in the header or the payload. To agree, a verifier would have to take out what is not
 *   base64url and check the MAC over what is left, not over what was sent (RFC 7515 §5.2 says the latter). Then one token
 *   would have many texts, and one that is refused or revoked by its text could be sent again in another.
 */
const known: readonly number[] = [346, 350, 367, 370, 372, 373];

describe("Wycheproof: JSON web signatures", { skip }, () => {
  const groups = skip === false ? read("json_web_signature_test.json") : [];
  const vectors = groups.flatMap((group) => group.tests);

  it("the file is whole", () => {
    assert.equal(groups.length, 23);
    assert.equal(vectors.length, 401);
    assert.equal(vectors.filter(({ result }) => result === "valid").length, 46);
  });

  it("every verdict agrees but for the known differences", async () => {
    assert.deepEqual(await disagreements(groups), known);
  });

  const find = (id: number): { readonly group: Group; readonly jws: string } => {
    const group = groups.find(({ tests }) => tests.some(({ tcId }) => tcId === id));
    return { group: group as Group, jws: String(group?.tests.find(({ tcId }) => tcId === id)?.jws) };
  };

  it("367 and 370 are 357, byte for byte and under the same key", () => {
    const [one, ...others] = [357, 367, 370].map(find);
    for (const other of others) assert.deepEqual([other.jws, other.group], [one?.jws, one?.group]);
  });

  it("372 and 373 are 357 with a character outside base64url, so their MAC is not over what is sent", () => {
    for (const id of [372, 373]) {
      const { jws } = find(id);
      assert.match(jws, /\?/);
      assert.equal(jws.replaceAll("?", ""), find(357).jws);
    }
  });

  it("346 and 350 name another algorithm than their key, as 338 and 340 do", () => {
    const named = (id: number): readonly unknown[] => {
      const { group, jws } = find(id);
      const header = JSON.parse(Buffer.from(jws.slice(0, jws.indexOf(".")), "base64url").toString()) as { alg: string };
      return [group.public?.["alg"], header.alg];
    };
    assert.deepEqual([346, 350, 338, 340].map(named), [
      ["PS256", "PS384"],
      ["PS256", "PS384"],
      ["PS512", "PS256"],
      ["PS512", "PS384"],
    ]);
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

describe("Wycheproof: signatures with keys of several kinds", { skip }, () => {
  const groups =
    skip === false ? read("json_web_crypto_test.json").filter(({ comment }) => comment.startsWith("jws")) : [];

  it("every verdict agrees", async () => {
    assert.equal(groups.flatMap((group) => group.tests).length, 49);
    assert.deepEqual(await disagreements(groups), []);
  });
});

describe("Wycheproof: JSON web encryption", { skip }, () => {
  const files = ["json_web_crypto_test.json", "json_web_encryption_test.json"];
  const groups = skip === false ? files.flatMap(read) : [];
  const vectors = groups.flatMap((group) =>
    group.tests.filter(({ jwe }) => jwe !== undefined).map((vector) => ({ group, vector })),
  );

  it("what is invalid is never opened; what is valid is, where its algorithm is offered", async () => {
    assert.equal(vectors.length, 173);
    const counts = { opened: 0, refused: 0, notOffered: 0 };
    for (const { group, vector } of vectors) {
      const opened = await open(group, vector);
      if (vector.result === "invalid") assert.equal(opened, undefined, `${group.comment} ${vector.tcId}`);
      if (vector.result === "invalid") counts.refused += 1;
      else if (opened === undefined) {
        counts.notOffered += 1;
        assert.match(String(headerOf(vector)), /ECDH-ES|GCMKW|RSA1_5|"zip"/, `${group.comment} ${vector.tcId}`);
      } else {
        counts.opened += 1;
        if (vector.pt !== undefined) assert.equal(Buffer.from(opened).toString("hex"), vector.pt);
      }
    }
    assert.deepEqual(counts, { opened: 26, refused: 106, notOffered: 41 });
  });
});

function headerOf({ jwe }: Vector): string {
  return Buffer.from(String(jwe).split(".")[0] ?? "", "base64url").toString();
}

/** A key that says what it is for is given to nothing else, as the definition's are. */
async function open({ private: key }: Group, { jwe }: Vector): Promise<string | undefined> {
  const listed = ("keys" in key ? key["keys"] : [key]) as readonly JWK[];
  const keys = listed.filter(({ alg, use }) => use !== "sig" && !/GCMKW|RSA1_5/.test(alg ?? "")).flatMap(trusted);
  if (typeof jwe !== "string") return undefined;
  const opened = await new DecryptionKeys(keys).open(jwe);
  return typeof opened === "string" ? opened : undefined;
}

function trusted(jwk: JWK): readonly TrustedKey[] {
  const id = jwk.kid;
  const name = id === undefined ? {} : { id };
  if (jwk.kty === "oct") {
    return [{ ...name, material: { secret: Buffer.from(jwk.k ?? "", "base64url").toString("base64") } }];
  }
  if (jwk.kty !== "RSA") return [];
  const pem = createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" }).toString();
  return [
    { ...name, material: { certificate: { thumbprint: "", chainPem: "", revealKey: () => pem } as OwnCertificate } },
  ];
}
