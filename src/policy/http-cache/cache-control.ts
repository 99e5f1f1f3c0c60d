/** Directives by lower-case name; an empty text for those without an argument. */
export type Directives = ReadonlyMap<string, string>;

const none: Directives = new Map();

/** Name, then perhaps `=` with a token or a quoted string; what stands between the commas and is neither is skipped. */
const directive = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^,"\s]*)))?\s*(?:,|$)/gy;

/**
 * Reads `Cache-Control`. The first of several directives of one name counts. A field that cannot be read from some
 * place on is read up to there, and what follows the next comma after it.
 *
 * @param value all lines joined with commas
 * @see RFC 9111 §5.2
 */
export function parseCacheControl(value: string | undefined): Directives {
  if (value === undefined) return none;
  const found = new Map<string, string>();
  for (let at = 0; at < value.length;) {
    directive.lastIndex = at;
    const match = directive.exec(value);
    if (match === null) {
      at = afterComma(value, at);
      continue;
    }
    const name = (match[1] as string).toLowerCase();
    if (!found.has(name)) found.set(name, match[2] ?? match[3] ?? "");
    at = directive.lastIndex;
  }
  return found;
}

function afterComma(value: string, at: number): number {
  const comma = value.indexOf(",", at);
  return comma < 0 ? value.length : comma + 1;
}

/** Longer than any cache lives, and what a number too large to hold means. @see RFC 9111 §1.2.2 */
export const maxSeconds = 2_147_483_648;

/** Delta-seconds; null for anything else, which makes a response stale. */
export function parseSeconds(text: string | undefined): number | null {
  if (text === undefined || !/^\d+$/.test(text)) return null;
  return Math.min(Number(text), maxSeconds);
}
