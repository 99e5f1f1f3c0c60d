/** A segment of a template that is partly text: `{name}.{type}` is texts `["", ".", ""]` and names `["name", "type"]`. */
export interface SegmentParts {
  /** One more than there are names; none is empty but the first and the last. */
  readonly texts: readonly string[];
  readonly names: readonly string[];
}

const braced = /\{([^{}*/]+)\}/;

/**
 * Takes a segment apart at its parameters.
 * @returns undefined for what is no such segment: plain text, one whole parameter, a brace that stands alone, or two
 *   parameters side by side, of which nobody could say where the one ends
 */
export function partsOf(segment: string): SegmentParts | undefined {
  const pieces = segment.split(braced);
  const texts = pieces.filter((_, at) => at % 2 === 0);
  const names = pieces.filter((_, at) => at % 2 === 1);
  if (names.length === 0 || texts.some((text) => /[{}]/.test(text))) return undefined;
  if (texts.slice(1, -1).includes("") || texts.every((text) => text === "")) return undefined;
  return { texts, names };
}
