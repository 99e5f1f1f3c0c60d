import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { readCosignatures, readWitnessKeys } from "#audit/read/cosignatures.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { compressAll } from "#audit/testing/compressed-audit.ts";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { type SignedAudit, writeSignedAudit } from "#audit/testing/signed-audit.ts";
import { startWitness, type TestWitness } from "#test/support/witness.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { CosignatureStore } from "./cosignature-store.ts";
import { Cosigner } from "./cosigner.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };

interface Setup {
  readonly audit: SignedAudit;
  readonly witness: TestWitness;
  readonly open: () => Cosigner;
}

async function setup(t: TestContext, algorithm?: "ml-dsa-44"): Promise<Setup> {
  const witness = await startWitness(algorithm);
  t.after(() => witness.close());
  const audit = writeSignedAudit(temporaryFolder(t), 60);
  const egress = createEgress({ allow: [], ownAddresses: [], clock });
  const settings = { url: `${witness.url}/`, key: witness.key };
  const open = (): Cosigner => new Cosigner({ settings, directory: audit.folder, egress, timeoutMs: 5000 });
  return { audit, witness, open };
}

describe("a witness of the record", () => {
  it("is shown that each checkpoint goes on from the one before, over segments of either form", async (t) => {
    const { audit, witness, open } = await setup(t);
    witness.log = audit.key;
    const cosigner = open();
    for (const [at, note] of audit.notes.entries()) {
      if (at === 7) await compressAll(audit.folder, 512);
      await cosigner.cosign(note);
      // Another gateway process knows nothing of it, and is told.
      if (at % 5 === 4) await open().cosign(note);
    }
    assert.ok(audit.segments.length > 3 && audit.notes.length > 10);
    assert.deepEqual(
      [200, 409, 422].map((status) => witness.answers.includes(status)),
      [true, true, false],
    );
  });

  it("is told apart from what does not cosign, with what to do about it", async (t) => {
    const { audit, witness, open } = await setup(t);
    const refused = (why: RegExp) => ({ code: "service-refused", message: why });
    await assert.rejects(open().cosign(audit.notes[0] ?? ""), refused(/does not know this log.*audit key/));
    witness.log = audit.key;
    witness.isForging = true;
    await assert.rejects(open().cosign(audit.notes[0] ?? ""), refused(/not signed by the witness's key/));
    witness.isForging = false;
    await open().cosign(audit.notes.at(-1) ?? "");
    await assert.rejects(open().cosign(audit.notes[2] ?? ""), refused(/it has seen \d+ lines, and the record has \d+/));
  });

  it("leaves signatures that prove what is in the record and that nothing of it is gone", async (t) => {
    const { audit, witness, open } = await setup(t);
    witness.log = audit.key;
    const store = new CosignatureStore(audit.folder, 3000);
    const cosigner = open();
    for (const note of audit.notes) await store.keep(await cosigner.cosign(note));
    await store.publishKey(witness.key);
    const keys = readWitnessKeys(readFileSync(join(audit.folder, "witness-key.pub"), "utf8")) ?? assert.fail();
    const { good, firstBad } = await readCosignatures(audit.folder, keys);
    assert.equal(firstBad, undefined);
    assert.ok(good.length > 2 && good.length < audit.notes.length, "the newest, when there are too many");
    assert.equal(good.at(-1)?.checkpoint.size, witness.seen?.size);
    const trust = { keys: [audit.key], cosigned: good };
    const { ok, cosigned } = await verifyAudit(audit.folder, trust);
    assert.deepEqual([ok, cosigned?.size, cosigned?.witness], [true, witness.seen?.size, "witness.example/w1"]);

    const path = join(audit.folder, "cosignatures.txt");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, `${text}half a no`);
    assert.equal((await readCosignatures(audit.folder, keys)).good.length, good.length, "what a crash left is none");
    const at = text.lastIndexOf("=\n\n") - 20;
    writeFileSync(path, `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`);
    assert.ok(((await readCosignatures(audit.folder, keys)).firstBad ?? 0) > 0);
    const other = await verifyAudit(audit.folder, { ...trust, badCosignature: 3 });
    assert.deepEqual([other.firstBad?.problem, other.firstBad?.file], ["cosignature-bad", "cosignatures.txt"]);
  });

  it("signs with ML-DSA-44 as well, and says with it whose log and how much of it that is", async (t) => {
    const { audit, witness, open } = await setup(t, "ml-dsa-44");
    witness.log = audit.key;
    const store = new CosignatureStore(audit.folder);
    const cosigner = open();
    for (const note of audit.notes.slice(0, 4)) await store.keep(await cosigner.cosign(note));
    const keys = readWitnessKeys(witness.key) ?? assert.fail();
    const { good, firstBad } = await readCosignatures(audit.folder, keys);
    assert.deepEqual([good.length, firstBad, good.at(-1)?.checkpoint.size], [4, undefined, witness.seen?.size]);
    const trust = { keys: [audit.key], cosigned: good };
    assert.equal((await verifyAudit(audit.folder, trust)).ok, true);

    const path = join(audit.folder, "cosignatures.txt");
    const text = readFileSync(path, "utf8");
    const size = good[1]?.checkpoint.size ?? assert.fail();
    writeFileSync(path, text.replace(`\n${size}\n`, `\n${size + 1}\n`));
    assert.equal((await readCosignatures(audit.folder, keys)).firstBad, 2, "of another size");
    witness.isForging = true;
    await assert.rejects(open().cosign(audit.notes[5] ?? ""), /not signed by the witness's key/);
  });

  it("shows that the end was cut off, and that the record was written anew by its own key", async (t) => {
    const { audit, witness, open } = await setup(t);
    witness.log = audit.key;
    const note = await open().cosign(audit.notes.at(-1) ?? "");
    await new CosignatureStore(audit.folder).keep(note);
    const keys = readWitnessKeys(witness.key) ?? assert.fail();
    const { good } = await readCosignatures(audit.folder, keys);
    const [newest] = good;
    assert.ok(newest !== undefined);
    const checkpoint = { ...newest.checkpoint, root: "ab".repeat(32) };
    const other = await verifyAudit(audit.folder, { keys: [audit.key], cosigned: [{ ...newest, checkpoint }] });
    assert.deepEqual([other.firstBad?.problem, /has cosigned/.test(other.firstBad?.detail ?? "")], ["rewritten", true]);
    const last = join(audit.folder, `${String(audit.segments.length).padStart(8, "0")}.jsonl`);
    writeFileSync(last, `${(audit.segments.at(-1) ?? []).slice(0, 3).join("\n")}\n`);
    const cut = await verifyAudit(audit.folder, { keys: [audit.key], cosigned: good });
    assert.equal(cut.firstBad?.problem, "truncated");
  });
});
