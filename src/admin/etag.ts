/** The ETag of a configuration's hash. */
export function etagOf(hash: string): string {
  return `"${hash}"`;
}

/**
 * Reads If-Match by the strong comparison: a weak tag matches nothing.
 * @returns undefined when it is not a list of entity tags
 * @see RFC 9110 §13.1.1
 */
export function parseIfMatch(field: string): ((hash: string) => boolean) | undefined {
  if (field.trim() === "*") return () => true;
  const tags = field.split(",").map((tag) => tag.trim());
  if (tags.length > 16 || !tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) return undefined;
  return (hash) => tags.includes(etagOf(hash));
}
