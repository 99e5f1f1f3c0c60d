import { bounded } from "#audit/bounded.ts";
import { redactedMark as replacement } from "#model/redaction.ts";
import { decodedText, mostRounds } from "./decoded-view.ts";

/** Parameters that carry credentials wherever they appear; a definition can only add to them. */
const alwaysRedacted: readonly string[] = [
  "access_token",
  "api-key",
  "api_key",
  "apikey",
  "assertion",
  "auth",
  "authorization",
  "client_assertion",
  "client_secret",
  "code",
  "code_verifier",
  "device_code",
  "id_token",
  "jwt",
  "key",
  "ocp-apim-subscription-key",
  "passwd",
  "password",
  "pwd",
  "refresh_token",
  "secret",
  "sig",
  "signature",
  "subject_token",
  "subscription-key",
  "token",
  "x-amz-security-token",
  "x-amz-signature",
  "x-api-key",
];

const space = 0x20;
const hashMark = 0x23;
const percent = 0x25;
const plus = 0x2b;
const dot = 0x2e;
const bracket = 0x5b;
const upperA = 0x41;
const upperZ = 0x5a;
const lastAscii = 0x7e;
const ampersand = 0x26;
const semicolon = 0x3b;
const question = 0x3f;
const equals = 0x3d;

/** `keyName`: the API's own name for a subscription key. The result holds at most `limit` units. */
export interface QueryRedactor {
  (query: string, keyName: string, limit: number): string;
  /** How many values the last call has hidden. */
  hidden: number;
}

/**
 * Makes the function that replaces the values of credential parameters.
 *
 * Names are compared as an upstream would read them: percent-decoded, also more than once, `+` as space, without regard
 * to case, so that `%61ccess_token` or `Token` does not carry a token into the record; of `user[pin]` and `user.pin` each
 * part is a name. Parts are told apart at `;` too, and at a `?` or `#` that a client put in front of its second parameter,
 * but a redacted value runs to the next `&`, so that neither reading of a query lets a value through. A value that is an
 * encoded query or URL with such a parameter is hidden as a whole. What looks like a JWT is redacted under any name.
 */
export function createQueryRedactor(names: readonly string[]): QueryRedactor {
  const redacted = hiddenNames(names);
  const lengths = lengthsByFirst(redacted);

  const hides = (query: string, start: number, split: number, keyName: string): boolean => {
    if (query.startsWith("eyJ", split + 1)) return true;
    if (!needsReading(query, start, split, lengths) && split - start !== keyName.length) return false;
    return isHidden(query.slice(start, split), redacted, keyName);
  };

  let isEncoded = false;

  /** Where the `=` of the next part to hide stands, or -1. */
  const nextHidden = (query: string, from: number, limit: number, keyName: string): number => {
    let start = from;
    // Up to where what runs to an `&` was looked at as one: parts behind a `;` within it are looked at by themselves, so
    // that all of it takes time that is linear in the query.
    let looked = 0;
    while (start < limit) {
      const split = endOf(query, start, equals);
      if (query.charCodeAt(split) === equals) {
        if (hides(query, start, split, keyName)) return split;
        if (isEncoded) {
          const end = split < looked ? endOf(query, split + 1, ampersand) : valueEnd(query, split);
          if (holdsHidden(query.slice(split + 1, end), redacted, keyName, mostRounds)) return split;
          looked = Math.max(looked, end);
        }
      }
      start = endOf(query, split, ampersand) + 1;
    }
    return -1;
  };

  const redact: QueryRedactor = (query, keyName, limit) => {
    redact.hidden = 0;
    isEncoded = query.includes("%");
    const last = Math.min(query.length, limit);
    let hidden = nextHidden(query, 0, last, keyName);
    if (hidden < 0) return bounded(query, limit);
    let written = "";
    let start = 0;
    for (; hidden >= 0; hidden = nextHidden(query, start, last, keyName)) {
      redact.hidden += 1;
      written += `${query.slice(start, hidden + 1)}${replacement}`;
      start = valueEnd(query, hidden);
    }
    const more = Math.max(start, last) < query.length ? "…" : "";
    return bounded(written + query.slice(start, last) + more, limit);
  };
  redact.hidden = 0;
  return redact;
}

/** Where `wanted`, a separator or the end is, whichever comes first. */
function endOf(query: string, start: number, wanted: number): number {
  for (let at = start; at < query.length; at += 1) {
    const code = query.charCodeAt(at);
    if (code === wanted || code === ampersand || code === semicolon || code === question || code === hashMark)
      return at;
  }
  return query.length;
}

/** Lower case: those of the definition beside those that always are. */
export function hiddenNames(names: readonly string[]): ReadonlySet<string> {
  return new Set([...alwaysRedacted, ...names.map((name) => name.toLowerCase())]);
}

/** More parameters than that are no request that was let through. */
const mostParts = 1000;
/** Of so many values that are hidden in what runs to one `&`, all behind them is one as well: each for itself would be too much. */
const mostRests = 8;

/** Values that {@link createQueryRedactor} hides, as they were sent and as an upstream reads them: texts may repeat them. */
export function hiddenValues(
  query: string,
  names: ReadonlySet<string>,
  keyName: string,
  rounds: number = mostRounds,
): readonly string[] {
  return query.split("&", mostParts).flatMap((part) => {
    const values: string[] = [];
    let start = 0;
    let hidden = 0;
    for (const one of part.split(/[;?#]/)) {
      const split = one.indexOf("=");
      const [name, value] = [one.slice(0, Math.max(split, 0)), one.slice(split + 1)];
      const rest = start + split + 1;
      start += one.length + 1;
      if (split < 0) continue;
      if (isHidden(name, names, keyName) || value.startsWith("eyJ")) {
        // Some end a value at a semicolon, some do not.
        const both = (hidden += 1) <= mostRests ? [value, part.slice(rest)] : [value];
        values.push(...both.flatMap((text) => [text, decoded(text)]));
      } else {
        const inner = valuesWithin(value, names, keyName, rounds);
        if (inner.length > 0) values.push(value, ...inner);
      }
    }
    return values;
  });
}

/** Of a value that is an address or a query, encoded. */
function valuesWithin(value: string, names: ReadonlySet<string>, keyName: string, rounds: number): readonly string[] {
  if (rounds === 0 || !encodedEquals.test(value)) return [];
  const read = decodedText(value);
  const values = hiddenValues(read, names, keyName, rounds - 1);
  return values.length > 0 ? values : valuesWithin(read, names, keyName, rounds - 1);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

/** By the first letter of a name, the lengths of those that begin so: bit 31 stands for all that are longer. */
function lengthsByFirst(names: ReadonlySet<string>): Int32Array {
  const lengths = new Int32Array(128);
  for (const name of names) {
    const first = name.charCodeAt(0);
    if (first < 128) lengths[first] = (lengths[first] as number) | (1 << Math.min(name.length, 31));
  }
  return lengths;
}

/**
 * Nearly every name is told from all that are redacted by its first letter and its length; only others are read. What
 * may stand for other characters than it shows has to be read.
 */
function needsReading(query: string, start: number, end: number, lengths: Int32Array): boolean {
  for (let at = start; at < end; at += 1) {
    const code = query.charCodeAt(at);
    if (code === percent || code === plus || code <= space || code > lastAscii) return true;
    if (code === dot || code === bracket) return true;
  }
  const first = query.charCodeAt(start);
  const lower = first >= upperA && first <= upperZ ? first | 0x20 : first;
  return end > start && (((lengths[lower] as number) >>> Math.min(end - start, 31)) & 1) === 1;
}

function isHidden(encodedName: string, names: ReadonlySet<string>, keyName: string): boolean {
  const name = readName(encodedName);
  if (names.has(name) || (keyName.length === name.length && keyName.toLowerCase() === name)) return true;
  return /[.[]/.test(name) && name.split(/[.[\]]/).some((part) => names.has(part));
}

/** The name as an upstream reads it. */
function readName(name: string): string {
  let read = name;
  for (let round = 0; round < mostRounds && /[%+]/.test(read); round += 1) {
    read = decodedText(read.replaceAll("+", " "));
  }
  return read.toLowerCase().trim();
}

const encodedEquals = /%(?:25)*3d/i;

/** Whether a value is an address or a query, encoded, with a parameter that is hidden. */
function holdsHidden(value: string, names: ReadonlySet<string>, keyName: string, rounds: number): boolean {
  let text = value;
  for (let left = rounds - 1; left >= 0 && encodedEquals.test(text); left -= 1) {
    text = decodedText(text);
    if (hasHidden(text, names, keyName, left)) return true;
  }
  return false;
}

function hasHidden(query: string, names: ReadonlySet<string>, keyName: string, rounds: number): boolean {
  return query.split(/[&;?#]/).some((part) => {
    const split = part.indexOf("=");
    if (split < 0) return false;
    const value = part.slice(split + 1);
    const isOne = value.startsWith("eyJ") || isHidden(part.slice(0, split), names, keyName);
    return isOne || holdsHidden(value, names, keyName, rounds);
  });
}

/** A hidden value runs to the next `&`, whatever it holds. */
function valueEnd(query: string, from: number): number {
  const at = query.indexOf("&", from);
  return at < 0 ? query.length : at;
}
