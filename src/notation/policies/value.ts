import type { Expression, Value } from "#model/policy-tree.ts";
import type { ArgumentSpec } from "#notation/catalogue/spec.ts";
import { type Filled, fill, hasPlaceholder, noteText, refusePlaceholders } from "#notation/yaml/fill.ts";
import { innerPosition } from "#notation/yaml/inner-position.ts";
import { readRaw } from "#notation/yaml/scalars.ts";
import type { Slot } from "#notation/yaml/slot.ts";
import { readExpression } from "./expression.ts";
import { checkLiteral, describe } from "./literal.ts";
import type { PolicyReading } from "./policy-reading.ts";
import { splitTemplate, type TemplatePiece } from "./split-template.ts";

/** Reads a scalar argument: a literal, a template, or one expression. */
export function readValue(reading: PolicyReading, spec: ArgumentSpec, slot: Slot, owner: string): Value | undefined {
  const raw = readRaw(reading, slot, describe(spec));
  if (raw === undefined) return undefined;
  if (typeof raw.value !== "string") {
    return checkLiteral(
      reading,
      spec,
      { value: raw.value, text: raw.text, secret: false, filled: false },
      slot.at,
      owner,
    );
  }
  const pieces = splitTemplate(raw.value);
  if ("unclosedAt" in pieces) {
    const at = innerPosition(reading.file, slot, pieces.unclosedAt);
    reading.problems.error(
      "expression-unclosed",
      at,
      `${owner}: \${ is never closed`,
      "close it with }, or write $${ for the two characters",
    );
    return undefined;
  }
  const [first, ...more] = pieces;
  if (first === undefined || (first.kind === "text" && more.length === 0)) {
    // The escapes are undone before values are filled in: what a value holds is never read as an expression.
    const text = first === undefined ? "" : pieceText(first);
    if (reading.open === true && hasPlaceholder(text)) return { kind: "template", parts: [text] };
    if (spec.expression === true && likeExpression.test(text)) warnUnmarked(reading, slot, text, owner);
    const filled = fill(reading, text, slot.at, "secret");
    if (spec.type === "string" || spec.type === "enum") noteText(reading, slot.at);
    return filled === undefined ? undefined : checkLiteral(reading, spec, filled, slot.at, owner);
  }
  return readComputed(reading, spec, slot, pieces, owner);
}

/** A path through a variable of CEL and nothing else. */
const likeExpression =
  /^(request|principal|subscription|parameters|variables|response|lastError)(\.[A-Za-z]\w*|\["[^"]*"\])+$/;

/** As the key of a limit, such a literal would put every caller into one bucket. */
function warnUnmarked({ problems }: PolicyReading, { at }: Slot, text: string, owner: string): void {
  const message = `${owner} is these very letters for every request`;
  problems.warn("expression-unmarked", at, message, `write "\${${text}}" if it is to be computed`);
}

function pieceText(piece: TemplatePiece): string {
  return piece.kind === "text" ? piece.text : "";
}

function readComputed(
  reading: PolicyReading,
  spec: ArgumentSpec,
  slot: Slot,
  pieces: readonly TemplatePiece[],
  owner: string,
): Value | undefined {
  if (spec.expression !== true) {
    const fix = `write ${describe(spec)}, or $\${ for the two characters \${`;
    reading.problems.error("expression-misplaced", slot.at, `${owner} takes no expressions`, fix);
    return undefined;
  }
  if (pieces.length > 1 && spec.type !== "string" && spec.type !== "any") {
    const fix = "make the whole value one ${…}";
    reading.problems.error(
      "expression-misplaced",
      slot.at,
      `${owner} is ${describe(spec)}, text around an expression gives a string`,
      fix,
    );
    return undefined;
  }
  const parts = pieces.map((piece) => readPiece(reading, slot, piece));
  if (parts.some((part) => part === undefined)) return undefined;
  const [only] = parts;
  if (parts.length === 1 && typeof only === "object") return { kind: "expression", expression: only };
  return { kind: "template", parts: parts.filter((part) => part !== undefined) };
}

function readPiece(reading: PolicyReading, slot: Slot, piece: TemplatePiece): string | Expression | undefined {
  if (piece.kind === "text") return literalPart(reading, slot, piece.text)?.text;
  const at = innerPosition(reading.file, slot, piece.offset);
  if (refusePlaceholders(reading, piece.source, at, "an expression")) return undefined;
  return readExpression(reading, slot, piece.source, piece.offset, "any");
}

/** The tree marks whole literals as secret, not parts of templates: so none may stand there. */
function literalPart(reading: PolicyReading, slot: Slot, text: string): Filled | undefined {
  return hasPlaceholder(text) && reading.open !== true
    ? fill(reading, text, slot.at, "plain")
    : { value: text, text, secret: false, filled: false };
}
