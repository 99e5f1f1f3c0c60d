import { isMap, type Node, Scalar } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Reading } from "#notation/yaml/reading.ts";
import type { Slot, SlotEntry } from "#notation/yaml/slot.ts";
import { differing, type OverlayKind } from "./may-differ.ts";
import type { WholeEnvironment } from "./inherit.ts";
import { childAt, keyOf, putNode, type Step } from "./put-node.ts";

/** The definition as an environment has it: what that says of hosts, backends and the edge stands in its place. */
export function withOverlays(reading: Reading, root: Slot, { line }: Pick<WholeEnvironment, "line">): Slot {
  let whole = root;
  for (const { value } of line) {
    for (const { name, at, value: hosts } of value.hosts) {
      if (isThere(reading, root, "apis", name, at))
        whole = putNode(reading, whole, ["apis", name, "hosts"], hosts.node);
    }
    for (const { name, at, value: settings } of value.backends) {
      if (isThere(reading, root, "backends", name, at))
        whole = put(reading, whole, ["backends", name], "backends", settings);
    }
    whole = put(reading, whole, ["edge"], "edge", value.edge);
  }
  return whole;
}

function put(
  reading: Reading,
  root: Slot,
  path: readonly Step[],
  kind: OverlayKind,
  settings: readonly SlotEntry[],
): Slot {
  let whole = root;
  for (const { key, slot } of settings) {
    const rule = differing(kind, key);
    for (const other of rule?.instead ?? []) {
      // Of one environment two of them stay, and are refused as they are elsewhere.
      if (!settings.some((one) => one.key === other)) whole = putNode(reading, whole, [...path, other], null);
    }
    whole =
      rule?.isMerged === true && isMap(slot.node)
        ? merge(reading, whole, [...path, key], slot)
        : putNode(reading, whole, [...path, key], slot.node);
  }
  return whole;
}

function merge(reading: Reading, root: Slot, path: readonly Step[], { node }: Slot): Slot {
  const pairs = isMap(node) ? node.items : [];
  return pairs.reduce(
    (whole, pair) => putNode(reading, whole, [...path, keyOf(pair)], (pair.value ?? new Scalar(null)) as Node),
    root,
  );
}

function isThere(reading: Reading, root: Slot, section: string, name: string, at: SourcePosition): boolean {
  const { node } = childAt(reading, root, section);
  const names = isMap(node) ? node.items.map(keyOf) : [];
  if (names.includes(name)) return true;
  const one = section === "apis" ? "API" : "backend";
  const fix = suggestion(name, names, (known) => `${known}:`);
  reading.problems.error("reference-unknown", at, `there is no ${one} ${name}`, fix);
  return false;
}
