/** A text as somebody behind the gateway reads it. */
export interface View {
  readonly text: string;
  /** Where each of its units begins in the text that was sent, and where that ends. */
  readonly at: Uint32Array;
}

/** What is encoded more often than that is nobody's text any more. */
export const mostRounds = 3;
const maybeEncoded = /%[\da-f]{2}|\\["/\\nrtu]/i;

/**
 * The ways in which a text is read: as it stands, and without one to three layers of percent-encoding (RFC 3986 §2.1) and
 * of escapes of JSON (RFC 8259 §7), each also with `+` as a space. Linear in the text.
 */
export function viewsOf(text: string): readonly View[] {
  let view: View = { text, at: Uint32Array.from({ length: text.length + 1 }, (_, index) => index) };
  const views = [view];
  for (let round = 0; round < mostRounds && maybeEncoded.test(view.text); round += 1) {
    view = decodedOnce(view);
    views.push(view);
  }
  // As many units as before: where they are stays.
  return views.flatMap((one) =>
    one.text.includes("+") ? [one, { text: one.text.replaceAll("+", " "), at: one.at }] : [one],
  );
}

export function isMaybeEncoded(text: string): boolean {
  return text.includes("+") || maybeEncoded.test(text);
}

/** Without one layer of it. What is no valid encoding stands for itself, and hides nothing beside it. */
export function decodedText(text: string): string {
  return text.includes("%") || text.includes("\\") ? text.replaceAll(encoded, characterOf) : text;
}

/** Greedy: whole characters of UTF-8 first. Octets that make none are read as Latin-1. */
const encoded =
  /%[0-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-7](?:%[89ab][\da-f]){3}|%[89a-f][\da-f]|\\u[\da-f]{4}|\\["/\\nrt]/gi;

function decodedOnce({ text, at }: View): View {
  const places = new Uint32Array(at.length);
  let written = "";
  let end = 0;
  const copy = (from: number, to: number): void => {
    places.set(at.subarray(from, to), written.length);
    written += text.slice(from, to);
  };
  for (const { 0: sequence, index } of text.matchAll(encoded)) {
    copy(end, index);
    const character = characterOf(sequence);
    places.fill(at[index] as number, written.length, written.length + character.length);
    written += character;
    end = index + sequence.length;
  }
  copy(end, text.length);
  places[written.length] = at[text.length] as number;
  return { text: written, at: places.subarray(0, written.length + 1) };
}

function characterOf(sequence: string): string {
  if (sequence.startsWith("%")) return ofOctets(sequence);
  if (sequence.length > 2) return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  return /["/\\]$/.test(sequence) ? sequence.charAt(1) : " ";
}

function ofOctets(sequence: string): string {
  try {
    return decodeURIComponent(sequence);
  } catch {
    // Of several octets one stands for all: they are no text that a pattern would find.
    return String.fromCharCode(Number.parseInt(sequence.slice(1, 3), 16));
  }
}
