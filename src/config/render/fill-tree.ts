import { isMap, isScalar, isSeq, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import type { NamedValues } from "#notation/named-values.ts";
import { fillKey, placeholder, placeholderName } from "#notation/yaml/fill.ts";
import type { Fills, Reading } from "#notation/yaml/reading.ts";
import type { Slot } from "#notation/yaml/slot.ts";

/**
 * A copy of a tree with the environment's values in the places where they were filled in while it was read. Aliases are
 * what they stand for: what was one text may be several by now. Secrets stay as they are named.
 */
export function fillTree(reading: Reading & { readonly fills: Fills }, slot: Slot): Node | null {
  const { node } = slot;
  const { file, problems } = reading;
  const offset = node?.range?.[0] ?? 0;
  const copy = (inner: unknown): Node | null => fillTree(reading, file.slot(inner, offset, problems));
  if (isMap(node)) {
    const map = likewise(new YAMLMap(), node);
    map.items = node.items.map(({ key, value }) => new Pair<unknown, unknown>(copy(key), copy(value)));
    return map;
  }
  if (isSeq(node)) {
    const seq = likewise(new YAMLSeq(), node);
    seq.items = node.items.map(copy);
    return seq;
  }
  return isScalar(node) ? likewise(fillScalar(reading, node, slot), node) : null;
}

/** Comments and layout. */
function likewise<T extends Node>(fresh: T, node: Node): T {
  const { comment, commentBefore, spaceBefore } = node;
  const flow = isMap(node) || isSeq(node) ? { flow: node.flow } : {};
  return Object.assign(fresh, { comment, commentBefore, spaceBefore, ...flow });
}

function fillScalar(reading: Reading & { readonly fills: Fills }, node: Scalar, { at }: Slot): Scalar {
  const { value } = node;
  const how = reading.fills.get(fillKey(at));
  if (how === undefined || typeof value !== "string")
    return Object.assign(node.clone() as Scalar, { anchor: undefined });
  const name = placeholderName(value);
  if (name === undefined) return new Scalar(fillText(reading.values, value));
  const found = reading.values.find(name);
  if (found === undefined || !isFillable(found)) return new Scalar(value);
  return new Scalar(how === "text" ? found.text : found.value);
}

function fillText(values: NamedValues, text: string): string {
  return text.replace(placeholder, (whole, name: string) => {
    const found = values.find(name);
    return found !== undefined && isFillable(found) ? found.text : whole;
  });
}

/** Written out, a value with `${` would be an expression: it keeps its name. */
function isFillable<T extends { readonly secret: boolean }>(found: T): found is Extract<T, { readonly secret: false }> {
  return !found.secret && !("text" in found && String(found.text).includes("${"));
}
