import { type MappedText, MappedTextBuilder } from "./mapped-text.ts";

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The five of XML and character references. There are no others, as there is no DTD: nothing can grow. */
const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));/g;

/** An `&` that begins none of them. */
const bareAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)/;

/** The offset of the first `&` that is no entity, or -1. */
export function findBareAmpersand(text: string): number {
  return text.search(bareAmpersand);
}

/** The first reference to a character that XML does not have, or undefined. @see XML 1.0 §2.2, §4.1 */
export function findWrongReference(text: string): { readonly offset: number; readonly text: string } | undefined {
  for (const match of text.matchAll(entity)) {
    if (characterOf(match) === undefined) return { offset: match.index, text: match[0] };
  }
  return undefined;
}

/** Undoes entities and brings line ends to `\n`. */
export function decodeEntities(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(entity, (...match: string[]) => characterOf(match) ?? "\ufffd");
}

/** The same for a piece that begins at `origin`, added to a text that knows where it came from. */
export function addDecoded(into: MappedTextBuilder, text: string, origin: number): void {
  let done = 0;
  for (const match of text.matchAll(/\r\n?|&[#\w]{1,9};/g)) {
    into.add(text.slice(done, match.index), origin + done);
    into.add(decodeEntities(match[0]), origin + match.index);
    done = match.index + match[0].length;
  }
  into.add(text.slice(done), origin + done);
}

export function decodeMapped(text: string, origin: number): MappedText {
  const builder = new MappedTextBuilder();
  addDecoded(builder, text, origin);
  return builder.build();
}

function characterOf(match: readonly (string | undefined)[]): string | undefined {
  const [, name, decimal, hex] = match;
  if (name !== undefined) return named[name];
  const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
  return isCharacter(code) ? String.fromCodePoint(code) : undefined;
}

function isCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x1_0000 && code <= 0x10_ffff);
}
