import { isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";

/** A key of a map, or an index of a list. */
export type Step = string | number;

/**
 * The tree with another node at a place. Nothing of the given tree is changed: its nodes are kept from one reading to
 * the next, and an alias may have brought the same ones to several places. Nodes keep where they stand in the file.
 * @param node null: what is there goes
 */
export function putNode(reading: Reading, slot: Slot, path: readonly Step[], node: Node | null): Slot {
  const [step, ...rest] = path;
  if (step === undefined) return { node, at: node === null ? slot.at : reading.file.at(node.range?.[0] ?? 0) };
  const inner = childAt(reading, slot, step);
  const below = rest.length === 0 ? node : putNode(reading, inner, rest, node).node;
  const around = typeof step === "number" ? withItem(slot.node, step, below) : withPair(slot.node, step, below);
  around.range = slot.node?.range ?? node?.range ?? null;
  return { ...slot, node: around };
}

export function childAt({ file, problems }: Reading, { node, at }: Slot, step: Step): Slot {
  const offset = node?.range?.[0] ?? 0;
  if (isSeq(node) && typeof step === "number") return file.slot(node.items[step], offset, problems);
  const pair = isMap(node) ? node.items.find((item) => keyOf(item) === step) : undefined;
  return pair === undefined ? { node: null, at } : file.slot(pair.value, offset, problems);
}

export function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : "";
}

function withPair(node: Node | null, name: string, value: Node | null): YAMLMap {
  const map = new YAMLMap();
  const items = isMap(node) ? node.items : [];
  const at = items.findIndex((item) => keyOf(item) === name);
  const pair = new Pair<unknown, unknown>(items[at]?.key ?? keyNode(name, value), value);
  const before = at < 0 ? items : items.slice(0, at);
  map.items = [...before, ...(value === null ? [] : [pair]), ...(at < 0 ? [] : items.slice(at + 1))];
  return map;
}

function withItem(node: Node | null, index: number, value: Node | null): YAMLSeq {
  const seq = new YAMLSeq();
  seq.items = (isSeq(node) ? node.items : []).map((item, at) => (at === index ? value : item));
  return seq;
}

/** It stands where its value does. */
function keyNode(name: string, value: Node | null): Scalar {
  const key = new Scalar(name);
  key.range = value?.range ?? null;
  return key;
}
