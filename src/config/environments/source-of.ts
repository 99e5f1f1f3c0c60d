import { type Node, stringify } from "yaml";

const longest = 200;

/** A node as it could be written, on one line, in YAML; the same for whatever quotes it has. Values stay names. */
export function sourceOf(node: Node): string {
  const text = stringify(JSON.parse(JSON.stringify(node)), { collectionStyle: "flow", lineWidth: 0 })
    .trimEnd()
    .replaceAll(/\s*\n\s*/g, " ");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
