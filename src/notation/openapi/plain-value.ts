import { isAlias, isMap, isScalar, isSeq, type Node } from "yaml";
import type { Slot } from "#notation/yaml/slot.ts";

const maxDepth = 32;

/** The plain value of an example, or undefined when it has aliases, is nested too deep or is not JSON. */
export function plainValue({ node }: Slot): unknown {
  try {
    return convert(node, 0);
  } catch (error) {
    if (error === notPlain) return undefined;
    throw error;
  }
}

const notPlain: Error = new Error("no plain value");

function convert(node: Node | null, depth: number): unknown {
  if (node === null) return null;
  if (depth > maxDepth || isAlias(node)) throw notPlain;
  if (isScalar(node)) return scalar(node.value);
  if (isSeq(node)) return node.items.map((item) => convert(item as Node | null, depth + 1));
  if (!isMap(node)) throw notPlain;
  const pairs = node.items.map(({ key, value }) => {
    if (!isScalar(key)) throw notPlain;
    return [String(key.value), convert(value as Node | null, depth + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

function scalar(value: unknown): unknown {
  const isJson = value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (!isJson) throw notPlain;
  return value;
}
