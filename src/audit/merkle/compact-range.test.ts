import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { hash as digestOf } from "node:crypto";
import { describe, it } from "node:test";
import { CompactRange, emptyTree, readTreeState } from "./compact-range.ts";
import { hashBytes } from "./pair-hashing.ts";
import { emptyRoot, leafHash, nodeHash } from "./tree-hash.ts";

/** Of Certificate Transparency's own tests: leaves and the root of each size. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const roots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

function leaf(hex: string): string {
  const bytes = Buffer.from(`ff${hex}`, "hex");
  const hash = leafHash(bytes, 1, bytes.length);
  assert.equal(bytes[0], 0xff, "the byte in front is what it was");
  assert.equal(leafHash(bytes.subarray(1), 0, bytes.length - 1), hash);
  return hash;
}

/** The definition itself. @see RFC 6962 §2.1 */
function rootOf(hashes: readonly string[]): string {
  if (hashes.length < 2) return hashes[0] ?? emptyRoot;
  let half = 1;
  while (half * 2 < hashes.length) half *= 2;
  return nodeHash(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}

describe("a tree that grows", () => {
  it("has the roots of RFC 6962 at every size", () => {
    const tree = new CompactRange();
    assert.equal(tree.root(), emptyRoot);
    for (const [at, hex] of leaves.entries()) {
      tree.append(leaf(hex));
      assert.deepEqual([tree.size, tree.root()], [at + 1, roots[at]]);
    }
  });

  it("goes on from what is kept of it", () => {
    for (let split = 0; split <= leaves.length; split += 1) {
      const first = new CompactRange();
      for (const hex of leaves.slice(0, split)) first.append(leaf(hex));
      const kept = readTreeState(JSON.parse(JSON.stringify(first.state)));
      const second = new CompactRange(kept ?? assert.fail());
      for (const hex of leaves.slice(split)) second.append(leaf(hex));
      assert.equal(second.root(), roots.at(-1));
    }
  });

  it("tells of every perfect subtree once", () => {
    const seen: string[] = [];
    const tree = new CompactRange(emptyTree, (level, index, hashes) => {
      for (let at = 0; at < hashes.length; at += hashBytes) seen.push(`${level}:${index + at / hashBytes}`);
    });
    for (const hex of leaves.slice(0, 3)) tree.append(leaf(hex));
    tree.settle();
    for (const hex of leaves.slice(3, 7)) tree.append(leaf(hex));
    tree.settle();
    assert.equal(seen.toSorted().join(" "), "0:0 0:1 0:2 0:3 0:4 0:5 0:6 1:0 1:1 1:2 2:0");
  });

  it("is the tree of the definition, whenever it is asked and wherever it goes on", () => {
    const all = Array.from({ length: 5000 }, (_, at) => digestOf("sha256", `leaf ${at}`, "hex"));
    const known = new Map<string, string>();
    const tellInto = (level: number, index: number, hashes: Buffer): void => {
      for (let at = 0; at < hashes.length; at += hashBytes) {
        known.set(`${level}:${index + at / hashBytes}`, hashes.toString("hex", at, at + hashBytes));
      }
    };
    let tree = new CompactRange(emptyTree, tellInto);
    let state = 0x7ee;
    for (let size = 0; size < all.length;) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      const next = Math.min(all.length, size + ((state >>> 8) % 1500));
      for (const [at, one] of all.slice(size, next).entries()) {
        if (at % 2 === 0) tree.append(one);
        else tree.appendBytes(Buffer.from(`00${one}`, "hex"), 1);
      }
      size = next;
      assert.equal(tree.size, size);
      assert.equal(tree.root(), rootOf(all.slice(0, size)), `${size} leaves`);
      if (state % 3 === 0) tree = new CompactRange(tree.state, tellInto);
    }
    for (const [at, hex] of all.entries()) assert.equal(known.get(`0:${at}`), hex);
    for (let level = 1; level < 13; level += 1) {
      for (let index = 0; (index + 1) * 2 ** level <= all.length; index += 1) {
        const below = [2 * index, 2 * index + 1].map((each) => known.get(`${level - 1}:${each}`) ?? assert.fail());
        assert.equal(known.get(`${level}:${index}`), nodeHash(below[0] as string, below[1] as string));
      }
    }
  });

  it("refuses what is no state of a tree", () => {
    const hash = "a".repeat(64);
    const bad = [null, 7, {}, { size: 3, hashes: [hash] }, { size: 1, hashes: ["b"] }, { size: -1, hashes: [] }];
    for (const state of bad) assert.equal(readTreeState(state), undefined);
    assert.deepEqual(readTreeState({ size: 2 ** 40, hashes: [hash] })?.size, 2 ** 40);
  });
});
