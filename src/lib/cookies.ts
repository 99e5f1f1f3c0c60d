/**
 * The cookies whose names begin with a prefix, of all Cookie fields. One that comes twice is left out: whoever can set
 * a cookie for a broader domain or path must not be able to choose which of two is believed.
 * @see RFC 6265 §4.2
 */
export function cookiesOf(fields: readonly string[], prefix: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const doubles = new Set<string>();
  for (const pair of fields.flatMap((field) => field.split(";"))) {
    const split = pair.indexOf("=");
    const name = pair.slice(0, Math.max(split, 0)).trim();
    if (!name.startsWith(prefix)) continue;
    if (found.has(name)) doubles.add(name);
    found.set(name, pair.slice(split + 1).trim());
  }
  for (const name of doubles) found.delete(name);
  return found;
}

/**
 * A Cookie field without those that have a prefix in them, in any case: as the beginning of a name, or anywhere where a
 * server with other ideas of separators and quotes might find one. Null when nothing is left; the same text when there
 * are none.
 */
export function withoutCookies(field: string, prefix: string): string | null {
  const lower = prefix.toLowerCase();
  if (!field.toLowerCase().includes(lower)) return field;
  const kept = field.split(";").filter((pair) => !pair.toLowerCase().includes(lower));
  const left = kept.join(";").trim();
  return left === "" ? null : left;
}
