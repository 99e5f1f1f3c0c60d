/** Characters that XML does not have, whichever way they are written. @see XML 1.0 §2.2 */
// oxlint-disable-next-line no-control-regex
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Offset of the first character that XML does not have, or -1; half of a surrogate pair is none. */
export function findImpossible(text: string): number {
  const found = text.search(impossible);
  return found < 0 ? text.search(/\p{Surrogate}/u) : found;
}
