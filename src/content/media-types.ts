/** Patterns of media types, `*` for any part: `text/*`, `application/*+json`. An event stream is meant by its whole name only. */
export function fitsType(type: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fitsPattern(type, pattern));
}

function fitsPattern(type: string, pattern: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0 || type === "text/event-stream") return type === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return type.length >= pattern.length - 1 && type.startsWith(before) && type.endsWith(after);
}
