import { type Node, stringify } from "yaml";
import type { NamedValues } from "#notation/named-values.ts";
import { placeholder } from "#notation/yaml/fill.ts";

const longest = 200;

/** A node as people would write it, on one line: the same for whatever quotes it has. Values stay names. */
export function sourceOf(node: Node): string {
  const value: unknown = JSON.parse(JSON.stringify(node));
  const isScalar = typeof value !== "object" || value === null;
  const text = isScalar ? String(value) : stringify(value, { collectionStyle: "flow", lineWidth: 0 });
  const line = text.trim().replaceAll(/\s*\n\s*/g, " ");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** The same with values of the environment in it; secrets among them stay names. */
export function sourceWith(source: string, values: NamedValues): string {
  return source.replace(placeholder, (whole, name: string) => {
    const found = values.find(name);
    return found?.secret === false ? found.text : whole;
  });
}
