import { diff } from "node:util";

export type Files = Readonly<Record<string, string>>;

const context = 3;
/** Above it a comparison could take seconds. */
const maxLines = 20_000;

/** What changes from one set of files to another, as unified diffs; empty when nothing does. */
export function diffFiles(before: Files, after: Files): string {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.map((name) => diffFile(name, before[name], after[name])).join("");
}

function diffFile(name: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return "";
  const from = before === undefined ? "/dev/null" : `a/${name}`;
  const to = after === undefined ? "/dev/null" : `b/${name}`;
  return `--- ${from}\n+++ ${to}\n${hunks(linesOf(before), linesOf(after))}`;
}

function linesOf(text: string | undefined): readonly string[] {
  const lines = (text ?? "").split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

interface Line {
  readonly mark: " " | "-" | "+";
  readonly text: string;
  /** Lines of each side before this one. */
  readonly before: number;
  readonly after: number;
}

function hunks(before: readonly string[], after: readonly string[]): string {
  if (Math.max(before.length, after.length) > maxLines) return `${before.length} lines, then ${after.length}\n`;
  const lines = linesWithPlaces(before, after);
  const near = (at: number): boolean =>
    lines.slice(Math.max(0, at - context), at + context + 1).some(({ mark }) => mark !== " ");
  const parts: Line[][] = [];
  for (const [at, line] of lines.entries()) {
    if (!near(at)) continue;
    if (at > 0 && near(at - 1)) parts.at(-1)?.push(line);
    else parts.push([line]);
  }
  return parts.map(hunk).join("");
}

/** Node's `diff` marks with 1 what only its first argument has. */
function linesWithPlaces(before: readonly string[], after: readonly string[]): readonly Line[] {
  let [left, right] = [0, 0];
  return diff([...before], [...after]).map(([side, text]) => {
    const line = { mark: side === 0 ? " " : side === 1 ? "-" : "+", text, before: left, after: right } as const;
    if (side >= 0) left += 1;
    if (side <= 0) right += 1;
    return line;
  });
}

function hunk(lines: readonly Line[]): string {
  const old = lines.filter(({ mark }) => mark !== "+").length;
  const fresh = lines.filter(({ mark }) => mark !== "-").length;
  const [{ before, after }] = lines as readonly [Line];
  const head = `@@ -${place(before, old)} +${place(after, fresh)} @@`;
  return `${[head, ...lines.map(({ mark, text }) => `${mark}${text}`)].join("\n")}\n`;
}

/** An empty side is named by the line before it. */
function place(skipped: number, count: number): string {
  return `${count === 0 ? skipped : skipped + 1},${count}`;
}
