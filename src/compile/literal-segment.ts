const plain = /^[A-Za-z0-9\-._~!$&'()*,=:@+]*$/;
const tokens = /%[0-9A-Fa-f]{2}|[^]/gu;

/**
 * A template's segment in the one spelling that normalised request paths have: percent-encoded only where it must be,
 * upper-case hex; `+` as written, for `%2B` is another segment.
 */
export function literalSegment(text: string): string {
  return plain.test(text) ? text : text.replaceAll(tokens, spell);
}

function spell(token: string): string {
  if (token.length !== 3 || !token.startsWith("%")) return plain.test(token) ? token : encodeURIComponent(token);
  const character = String.fromCharCode(Number.parseInt(token.slice(1), 16));
  return character !== "+" && plain.test(character) ? character : token.toUpperCase();
}
