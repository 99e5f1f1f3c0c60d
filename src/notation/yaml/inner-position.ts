import { isScalar, type Scalar } from "yaml";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { YamlFile } from "./yaml-file.ts";
import type { Slot } from "./slot.ts";

/**
 * Where a character of a scalar's value stands in the file, so that a problem of an expression points into it.
 * Where that cannot be said (folded text, escapes of code points), the start of the scalar.
 */
export function innerPosition(file: YamlFile, { node, at }: Slot, offset: number): SourcePosition {
  if (!isScalar(node) || typeof node.value !== "string") return at;
  const [start, end] = node.range ?? [0, 0];
  const raw = file.text.slice(start, end);
  if (node.type === "BLOCK_LITERAL") return inBlock(at, raw, node.value, offset);
  const skip = rawOffset(node, raw, offset);
  return skip === undefined ? at : file.at(start + skip);
}

function rawOffset(node: Scalar, raw: string, offset: number): number | undefined {
  if (node.type === "PLAIN") return raw.startsWith(String(node.value)) ? offset : undefined;
  if (node.type !== "QUOTE_DOUBLE" && node.type !== "QUOTE_SINGLE") return undefined;
  const double = node.type === "QUOTE_DOUBLE";
  let at = 1;
  for (let count = 0; count < offset; count += 1) {
    const step = double ? doubleStep(raw, at) : raw.startsWith("''", at) ? 2 : 1;
    if (step === 0 || raw[at] === "\n") return undefined;
    at += step;
  }
  return at;
}

/** Characters in the file for one of the value; 0 when that is not simple. */
function doubleStep(raw: string, at: number): number {
  if (raw[at] !== "\\") return 1;
  return /[xuU\r\n]/.test(raw[at + 1] ?? "\n") ? 0 : 2;
}

function inBlock(at: SourcePosition, raw: string, value: string, offset: number): SourcePosition {
  const lines = raw.split("\n").slice(1);
  const indent = lines.find((line) => line.trim() !== "")?.search(/\S/) ?? 0;
  const before = value.slice(0, offset).split("\n");
  return { file: at.file, line: at.line + before.length, column: indent + (before.at(-1)?.length ?? 0) + 1 };
}
