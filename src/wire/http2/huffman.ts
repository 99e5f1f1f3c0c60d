import { Buffer } from "node:buffer";
import { endOfString, type HuffmanCode, huffmanCodes } from "./huffman-codes.ts";

/**
 * Four bits at a time: row `state`, column of the next four bits. The shortest code has five bits, so that no step
 * ends more than one. Of an entry: the next state, from bit 8 the octet that has ended, and one of the flags.
 */
const steps: Uint32Array = new Uint32Array(256 * 16);
const emits = 1 << 16;
const fails = 1 << 17;
/** States in which a string may end: nothing but ones since the last octet, and at most seven. */
const endings: Uint8Array = new Uint8Array(256);

/** Inner nodes by number, the root first; of each the child for 0 and for 1: a node, or a symbol as its complement. */
type Tree = [number, number][];

function treeOf(codes: readonly HuffmanCode[]): Tree {
  const tree: Tree = [[0, 0]];
  for (const { symbol, code, bits } of codes) {
    let node = 0;
    for (let left = bits - 1; left > 0; left -= 1) node = childOf(tree, node, (code >>> left) & 1);
    (tree[node] as [number, number])[code & 1] = ~symbol;
  }
  return tree;
}

/** The root is nobody's child, so that 0 stands for one that is not made yet. */
function childOf(tree: Tree, node: number, bit: number): number {
  const children = tree[node] as [number, number];
  if (children[bit] === 0) children[bit] = tree.push([0, 0]) - 1;
  return children[bit] as number;
}

function stepOf(tree: Tree, state: number, four: number): number {
  let node = state;
  let octet = 0;
  for (let left = 3; left >= 0; left -= 1) {
    const next = (tree[node] as [number, number])[(four >>> left) & 1] as number;
    if (~next === endOfString) return fails;
    if (next < 0) octet = (~next << 8) | emits;
    node = Math.max(0, next);
  }
  return node | octet;
}

function prepare(): void {
  const tree = treeOf(huffmanCodes());
  for (let state = 0; state < tree.length; state += 1) {
    for (let four = 0; four < 16; four += 1) steps[state * 16 + four] = stepOf(tree, state, four);
  }
  for (let node = 0, ones = 0; ones <= 7; ones += 1) {
    endings[node] = 1;
    node = (tree[node] as [number, number])[1];
  }
}

prepare();

/** Where octets are put together; as large as the longest string so far. */
let scratch = Buffer.allocUnsafeSlow(1024);

/**
 * The octets as latin1 characters, or null: EOS is in it, or what is behind the last octet is no padding.
 *
 * @see RFC 7541 §5.2
 */
export function decodeHuffman(bytes: Buffer, from: number, to: number): string | null {
  // Five bits an octet at least.
  if (scratch.length < (to - from) * 2) scratch = Buffer.allocUnsafeSlow((to - from) * 2);
  let state = 0;
  let length = 0;
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number;
    for (let shift = 4; shift >= 0; shift -= 4) {
      const step = steps[state * 16 + ((byte >>> shift) & 15)] as number;
      if (step >= emits) {
        if (step >= fails) return null;
        scratch[length] = (step >>> 8) & 0xff;
        length += 1;
      }
      state = step & 0xff;
    }
  }
  return endings[state] === 1 ? scratch.toString("latin1", 0, length) : null;
}
