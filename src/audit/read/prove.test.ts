import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { CompactRange, emptyTree } from "#audit/merkle/compact-range.ts";
import { type Checkpoint, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { type InclusionProof, proofText, readProof } from "#audit/merkle/proof-text.ts";
import { isContinued, isIncluded } from "#audit/merkle/check-proof.ts";
import { NodeStore } from "#audit/merkle/node-store.ts";
import { consistencyRanges, inclusionRanges } from "#audit/merkle/proof-ranges.ts";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { testLogKey, type SignedAudit, writeSignedAudit } from "#audit/testing/signed-audit.ts";
import { fileOf } from "#audit/testing/written-audit.ts";
import { checkGrowth, checkLine } from "./check-line.ts";
import { proveGrowth, proveLine } from "./prove.ts";

function leafOf(at: number): string {
  return at.toString(16).padStart(64, "0");
}

function rootOf(size: number): string {
  const tree = new CompactRange();
  for (let at = 0; at < size; at += 1) tree.append(leafOf(at));
  return tree.root();
}

describe("proofs over trees of every size up to 20", () => {
  const roots = Array.from({ length: 21 }, (_, size) => rootOf(size));
  /** As in a log whose first `gone` lines were retired. */
  const path = (ranges: ReturnType<typeof inclusionRanges>, size: number, gone = 0): readonly string[] => {
    const known = new CompactRange();
    for (let at = 0; at < gone; at += 1) known.append(leafOf(at));
    const nodes = new NodeStore(ranges, gone === 0 ? emptyTree : known.state);
    for (let at = gone; at < size; at += 1) nodes.append(leafOf(at));
    return ranges.map((range) => nodes.hashOf(range) ?? assert.fail(`${size} ${gone} ${JSON.stringify(range)}`));
  };

  it("show each leaf, and no other", () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const root = roots[size] as string;
        const proof = path(inclusionRanges(index, size), size);
        assert.ok(isIncluded(leafOf(index), index, size, proof, root));
        assert.deepEqual(path(inclusionRanges(index, size), size, index), proof, "when all before it is gone");
        assert.equal(isIncluded(leafOf(index + 1), index, size, proof, root), false);
        assert.equal(isIncluded(leafOf(index), index + 1, size, proof, root), false);
        assert.equal(isIncluded(leafOf(index), index, size, proof.slice(1), root), size === 1);
        assert.equal(isIncluded(leafOf(index), index, size, [...proof, leafOf(0)], root), false);
      }
    }
  });

  it("show that a tree goes on from another", () => {
    for (let size = 1; size <= 20; size += 1) {
      for (let first = 0; first <= size; first += 1) {
        const older = { size: first, root: roots[first] as string };
        const newer = { size, root: roots[size] as string };
        const proof = path(consistencyRanges(first, size), size);
        assert.ok(isContinued(older, newer, proof), `${first} ${size}`);
        if (first === 0) continue;
        assert.equal(isContinued({ ...older, root: leafOf(7) }, newer, proof), false);
        assert.equal(isContinued(older, { ...newer, root: leafOf(7) }, proof), false);
        assert.equal(isContinued(older, newer, [...proof, leafOf(1)]), false);
        assert.equal(isContinued(newer, older, proof), first === size);
      }
    }
  });
});

describe("proofs of a record", () => {
  const audit = (t: TestContext): SignedAudit => writeSignedAudit(temporaryFolder(t));
  const newest = ({ notes }: SignedAudit): Checkpoint => readCheckpoint(notes.at(-1) ?? "") ?? assert.fail();

  it("show every line to whoever has the key alone", async (t) => {
    const written = audit(t);
    const lines = written.segments.flat();
    for (let seq = 1; seq <= lines.length; seq += 1) {
      const proof = await proveLine(written.folder, seq);
      if (seq > newest(written).size) {
        assert.equal(proof, "not-signed");
        continue;
      }
      assert.ok(typeof proof !== "string", `${seq}: ${String(proof)}`);
      const read = readProof(proofText(proof)) as InclusionProof;
      assert.deepEqual(read, proof);
      assert.equal(read.line.toString(), lines[seq - 1]);
      assert.equal(checkLine(read, [written.key]), undefined);
      assert.match(checkLine(read, [testLogKey().key]) ?? "", /not signed/);
    }
  });

  it("show nothing with any byte changed", async (t) => {
    const written = audit(t);
    const proof = await proveLine(written.folder, 12);
    assert.ok(typeof proof !== "string");
    const text = proofText(proof);
    for (let at = 0; at < text.length; at += 1) {
      const changed = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1);
      const read = readProof(changed);
      if (read?.kind === "inclusion") assert.notEqual(checkLine(read, [written.key]), undefined, `byte ${at}`);
    }
  });

  it("are against an older checkpoint as well, and show that the record goes on from it", async (t) => {
    const written = audit(t);
    for (const note of written.notes) {
      const older = readCheckpoint(note) ?? assert.fail();
      const proof = await proveGrowth(written.folder, older);
      assert.ok(typeof proof !== "string");
      assert.deepEqual(readProof(proofText(proof)), proof);
      assert.equal(checkGrowth(proof, older, [written.key]), undefined);
      const other = { ...older, root: "ab".repeat(32) };
      assert.match(checkGrowth(proof, other, [written.key]) ?? "", older.size === 0 ? /./ : /does not begin/);
      const line = await proveLine(written.folder, 1, older);
      assert.ok(typeof line !== "string" && checkLine(line, [written.key]) === undefined);
    }
  });

  it("are not made of a record that is not what was signed", async (t) => {
    const written = audit(t);
    const path = join(written.folder, fileOf(1));
    writeFileSync(path, readFileSync(path, "utf8").replace(/"hash":"../, '"hash":"00'));
    assert.equal(await proveLine(written.folder, 2), "not-proven");
    assert.notEqual(await proveLine(written.folder, 12), "not-proven", "of a later segment, whose tree was signed");
    assert.equal(await proveLine(written.folder, 4711), "not-signed");
  });
});
