import type { Expr } from "#notation/csharp/syntax/ast.ts";
import { formatValue } from "#notation/csharp/value/format.ts";
import { aligned } from "#notation/csharp/value/align.ts";
import { text } from "#notation/csharp/value/run.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import type { Binder } from "./binder.ts";
import { type Bound, type Code, constantOf, valueOf } from "./bound.ts";

/** `$"…{value,alignment:format}…"` */
export function bindInterpolated(binder: Binder, syntax: Extract<Expr, { kind: "interpolated" }>): Bound {
  const string = binder.type("String");
  const parts = syntax.parts.map((part) => {
    if (typeof part === "string") return part;
    const value = binder.value(part.value);
    if (value.type.kind === "void") binder.fail("this gives nothing", value.at);
    const alignment = part.alignment === null ? 0 : alignmentOf(binder, binder.value(part.alignment));
    return { value, alignment, format: part.format };
  });
  if (parts.every((part) => typeof part === "string")) return constantOf(string, syntax.start, parts.join(""));
  return valueOf(string, syntax.start, () => {
    const codes = parts.map((part): string | Code => (typeof part === "string" ? part : emitHole(part)));
    return (frame) => {
      let result = "";
      for (const part of codes) result += typeof part === "string" ? part : (part(frame) as string);
      return text(result);
    };
  });
}

function alignmentOf(binder: Binder, bound: Bound): number {
  if (typeof bound.constant !== "number") return binder.fail("a constant number is expected here", bound.at);
  return bound.constant;
}

function emitHole({ value, alignment, format }: { value: Bound; alignment: number; format: string | null }): Code {
  const code = value.emit();
  if (alignment === 0 && format === null) return (frame) => toText(code(frame));
  return (frame) => aligned(format === null ? toText(code(frame)) : formatValue(code(frame), format), alignment);
}
