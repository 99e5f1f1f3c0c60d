import { revisionEnd } from "./revision-mark.ts";

/** Longest path taken, in characters. */
const maxPathLength = 8192;

const slash = 0x2f;
const dot = 0x2e;
const percent = 0x25;
const backslash = 0x5c;
const semicolon = 0x3b;

/** What a character is for the scan: 0 refused, else one of these. */
const isPlain = 1;
const isSlash = 2;
const isDot = 3;
const isPercent = 4;
/** Part of the mark of a revision, or refused. */
const isSemicolon = 5;

/** The characters of RFC 3986 §3.3 `pchar`, less `;`: servers cut path parameters off at it and then match what is left. */
const kinds: Uint8Array = characterKinds();

function characterKinds(): Uint8Array {
  const table = new Uint8Array(256);
  const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,=:@";
  for (let at = 0; at < plain.length; at++) table[plain.charCodeAt(at)] = isPlain;
  table[slash] = isSlash;
  table[dot] = isDot;
  table[percent] = isPercent;
  table[semicolon] = isSemicolon;
  return table;
}

/**
 * The one spelling of a path, so that what is matched is what is forwarded and no encoding reaches an operation
 * past its policy. Percent-encoded characters that need no encoding are decoded, other octets get upper-case hex,
 * dot segments and repeated slashes go. `+` and `;` keep their encoding: some servers read them differently raw.
 *
 * Idempotent. A path that is already normal is returned as it is after one scan.
 *
 * @returns null when the path is refused: encoded slash, backslash or control, raw `;` other than that of
 * `;rev=2` (which the route must be for), anything outside RFC 3986,
 * invalid UTF-8, malformed percent, a second layer of encoding, or over 8 KiB.
 */
export function normalisePath(path: string): string | null {
  if (path.length > maxPathLength || path.charCodeAt(0) !== slash) return null;
  return isNormal(path) ? path : rewrite(path);
}

/** No percent, no `//`, no segment that starts with a dot: the common case. */
function isNormal(path: string): boolean {
  let afterSlash = false;
  for (let at = 0; at < path.length; at++) {
    const kind = kinds[path.charCodeAt(at)];
    if (kind === isPlain) afterSlash = false;
    else if (kind === isSlash && !afterSlash) afterSlash = true;
    else if (kind === isSemicolon && !afterSlash && revisionEnd(path, at) > 0) continue;
    else if (kind !== isDot || afterSlash) return false;
  }
  return true;
}

function rewrite(path: string): string | null {
  const decoded = decodeOctets(path);
  if (decoded === null) return null;
  const result = removeDotSegments(decoded);
  return isDoublyEncoded(result) || !isUtf8(result) ? null : result;
}

function decodeOctets(path: string): string | null {
  let result = "";
  let from = 0;
  for (let at = 0; at < path.length; at++) {
    const kind = kinds[path.charCodeAt(at)] ?? 0;
    if (kind === 0 || (kind === isSemicolon && revisionEnd(path, at) < 0)) return null;
    if (kind !== isPercent) continue;
    const octet = octetAt(path, at + 1);
    if (octet < 0 || isForbiddenOctet(octet)) return null;
    result += path.slice(from, at) + spell(octet);
    at += 2;
    from = at + 1;
  }
  return result + path.slice(from);
}

/** `%2f` and `%5c` hide a segment border, controls and NUL cut strings short in other programs. */
function isForbiddenOctet(octet: number): boolean {
  return octet < 0x20 || octet === 0x7f || octet === slash || octet === backslash;
}

function spell(octet: number): string {
  const kind = kinds[octet];
  if ((kind === isPlain && octet !== 0x2b) || kind === isDot) return String.fromCharCode(octet);
  return `%${octet < 16 ? "0" : ""}${octet.toString(16).toUpperCase()}`;
}

function octetAt(text: string, at: number): number {
  const high = hexValue(text.charCodeAt(at));
  const low = hexValue(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** @see RFC 3986 §5.2.4. Empty segments go too: servers differ in whether they count. */
function removeDotSegments(path: string): string {
  const segments = path.split("/");
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const last = segments.at(-1);
  const open = kept.length > 0 && (last === "" || last === "." || last === "..");
  return `/${kept.join("/")}${open ? "/" : ""}`;
}

/**
 * Whether the path has its segments as they stand: none is a dot segment, however encoded, and none but the last is
 * empty. For a path that somebody else forwards as it was written: a server that does not resolve `/admin/../public`
 * would be reached at another place than was judged. What else is normalised is equivalent (RFC 3986 §6.2.2).
 */
export function keepsSegments(path: string): boolean {
  const segments = path.split("/");
  return segments.every((segment, at) =>
    segment === "" ? at === 0 || at === segments.length - 1 : !/^(?:\.|%2e){1,2}$/i.test(segment),
  );
}

/**
 * `%252e%252e%252f` becomes a traversal in a server that decodes twice, and `%2561dmin` another operation's name. The
 * price: a name in which a percent sign stands before two hex digits cannot be asked for.
 */
function isDoublyEncoded(path: string): boolean {
  for (let at = path.indexOf("%25"); at >= 0; at = path.indexOf("%25", at + 3)) {
    if (octetAt(path, at + 3) >= 0) return true;
  }
  return false;
}

/** Overlong forms (`%c0%af` for a slash) and lone surrogates are how a lenient decoder is fooled. */
function isUtf8(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * The query goes on raw, so it must not hold what ends a request line or a header: controls, space, `#`, non-ASCII; nor
 * `"`, `<` and `>`, which every browser encodes and a page that repeats its query would be written by. The others that
 * RFC 3986 forbids pass, since browsers send them as they are: `\`, `^`, backquote, `{`, `|`, `}`, `[`, `]`, a lone `%`.
 *
 * @see https://url.spec.whatwg.org/#query-percent-encode-set
 */
export function isAcceptableQuery(query: string): boolean {
  for (let at = 0; at < query.length; at++) {
    const code = query.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === 0x23 || code === 0x22 || code === 0x3c || code === 0x3e) return false;
  }
  return true;
}
