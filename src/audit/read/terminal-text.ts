/** Control characters, line separators, lone surrogates, and what is invisible or changes the order of text (bidi). */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text for a terminal or a log viewer. Clients choose paths, hosts and claim values: an escape sequence in one must
 * not move the cursor, forge a line or recolour what the operator reads, so such characters are shown as `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replaceAll(unsafe, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly strong: (text: string) => string;
}

const same = (text: string): string => text;
const plain: Paint = { good: same, bad: same, dim: same, strong: same };
const ansi = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const colours: Paint = { good: ansi(32), bad: ansi(31), dim: ansi(2), strong: ansi(1) };

export function paint(color: boolean): Paint {
  return color ? colours : plain;
}
