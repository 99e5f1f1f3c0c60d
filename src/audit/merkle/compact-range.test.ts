import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { CompactRange, readTreeState } from "./compact-range.ts";
import { emptyRoot, leafHash } from "./tree-hash.ts";

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
    const tree = new CompactRange();
    for (const hex of leaves.slice(0, 7)) {
      tree.append(leaf(hex), (level, index) => void seen.push(`${level}:${index}`));
    }
    assert.equal(seen.join(" "), "0:0 0:1 1:0 0:2 0:3 1:1 2:0 0:4 0:5 1:2 0:6");
  });

  it("refuses what is no state of a tree", () => {
    const hash = "a".repeat(64);
    const bad = [null, 7, {}, { size: 3, hashes: [hash] }, { size: 1, hashes: ["b"] }, { size: -1, hashes: [] }];
    for (const state of bad) assert.equal(readTreeState(state), undefined);
    assert.deepEqual(readTreeState({ size: 2 ** 40, hashes: [hash] })?.size, 2 ** 40);
  });
});
