import { suggestion } from "#notation/nearest.ts";
import type { XmlValue } from "./document.ts";
import { addDecoded } from "./entities.ts";
import { type MappedText, MappedTextBuilder } from "./mapped-text.ts";
import type { XmlReading } from "./reading.ts";

/** A name in double braces; anything else between them stays as it is written. */
const placeholder = /\{\{([A-Za-z0-9._-]{1,256})\}\}/g;

export interface FilledText {
  readonly text: MappedText;
  /** A secret value is in it: never shown. */
  readonly secret: boolean;
  /** Values that are not known are in it, as they are written. */
  readonly open: boolean;
  /** It begins with a value. */
  readonly begins: boolean;
}

/**
 * The text of a value with the environment's values put in. They are put into the text, not into the XML: what they
 * hold is neither an entity nor a tag, and is not looked at for other values.
 * @param decode undoes entities; `spaces`: line ends become spaces too, as in attributes
 * @param stands what stands for a value that is not known; itself when absent
 * @returns undefined, and reported, when a value is not known and must be
 */
export function fillValue(
  reading: XmlReading,
  value: XmlValue,
  decode: "no" | "yes" | "spaces",
  stands?: string,
): FilledText | undefined {
  const { text: source } = reading.document.source;
  const raw = source.slice(value.start, value.end);
  const builder = new MappedTextBuilder();
  const state = { secret: false, open: false, failed: false };
  let done = 0;
  const addRaw = (to: number): void => {
    const piece = raw.slice(done, to);
    const clean = decode === "spaces" ? piece.replace(/\r\n|[\r\n\t]/g, " ") : piece;
    if (decode === "no") builder.add(clean, value.start + done);
    else addDecoded(builder, clean, value.start + done);
  };
  for (const match of raw.matchAll(placeholder)) {
    const found = reading.values.find(match[1] ?? "");
    if (found === undefined && reading.keepsBraces) continue;
    addRaw(match.index);
    done = match.index + match[0].length;
    const origin = value.start + match.index;
    if (reading.fixed !== undefined && !reading.open) reportFixed(reading, reading.fixed, origin);
    if (found !== undefined) builder.add(found.secret ? found.value : found.text, origin);
    else if (reading.open) builder.add(stands ?? match[0], origin);
    else reportUnknown(reading, match[1] ?? "", origin);
    state.secret ||= found?.secret === true;
    state.open ||= found === undefined;
    state.failed ||= found === undefined && !reading.open;
  }
  addRaw(raw.length);
  if (state.failed) return undefined;
  return { text: builder.build(), secret: state.secret, open: state.open, begins: raw.trimStart().startsWith("{{") };
}

function reportFixed({ problems, document }: XmlReading, fixed: string, offset: number): void {
  const message = `a {{value}} cannot stand in ${fixed}: environments differ in values, never in policies`;
  problems.error("value-in-policy", document.source.at(offset), message, "write it out");
}

function reportUnknown({ problems, values, document }: XmlReading, name: string, offset: number): void {
  const fix = suggestion(name, values.names(), (known) => `{{${known}}}`);
  problems.error(
    "value-unknown",
    document.source.at(offset),
    `the environment has no value ${name}`,
    fix ?? `define ${name} under values of the environment`,
  );
}
