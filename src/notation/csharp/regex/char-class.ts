import { argument } from "#notation/csharp/value/net-exception.ts";
import type { CharTest } from "./node.ts";

const word = /[\p{L}\p{Mn}\p{Nd}\p{Pc}]/u;
const digit = /\p{Nd}/u;
const blank = /[\s\u0085]/;

/** `\d`, `\w`, `\s` and their opposites; undefined for other letters. */
export function shorthand(letter: string, isAscii: boolean): CharTest | undefined {
  const found = isAscii ? ascii[letter.toLowerCase()] : wide[letter.toLowerCase()];
  if (found === undefined) return undefined;
  return letter === letter.toLowerCase() ? (char) => found.test(char) : (char) => !found.test(char);
}

const wide: Readonly<Record<string, RegExp>> = { d: digit, w: word, s: blank };
const ascii: Readonly<Record<string, RegExp>> = { d: /[0-9]/, w: /[A-Za-z0-9_]/, s: /[ \f\n\r\t\v]/ };

/** `\p{Lu}`; blocks such as `IsGreek` are not known. */
export function category(name: string, isNegative: boolean): CharTest {
  if (!/^[A-Z][a-z]?$/.test(name)) throw argument(`parsing "\\p{${name}}" - Unknown property '${name}'.`);
  let pattern: RegExp;
  try {
    pattern = new RegExp(`\\p{${name}}`, "u");
  } catch {
    throw argument(`parsing "\\p{${name}}" - Unknown property '${name}'.`);
  }
  return (char) => pattern.test(char) !== isNegative;
}

export function literal(char: string, ignoresCase: boolean): CharTest {
  if (!ignoresCase) return (other) => other === char;
  const lower = char.toLowerCase();
  const upper = char.toUpperCase();
  return (other) => other === char || other.toLowerCase() === lower || other.toUpperCase() === upper;
}

export function range(from: string, to: string, ignoresCase: boolean): CharTest {
  const inside = (char: string): boolean => char >= from && char <= to;
  return ignoresCase ? (char) => inside(char) || inside(char.toLowerCase()) || inside(char.toUpperCase()) : inside;
}

export function anyOf(tests: readonly CharTest[], isNegative: boolean, minus: CharTest | null): CharTest {
  return (char) => tests.some((test) => test(char)) !== isNegative && (minus === null || !minus(char));
}
