import { RE2JS } from "re2js";

/** Classes that .NET has Unicode-wide, as RE2 writes them. */
const wide: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: String.raw`\p{L}\p{Mn}\p{Nd}\p{Pc}`,
  s: String.raw`\s\x{0b}\x{85}\p{Z}`,
};

/**
 * The pattern for a linear engine; null where it cannot say the same. Only regular patterns are given, without options
 * that change their reading.
 */
export function linearEngine(
  pattern: string,
  ignoresCase: boolean,
  isMultiline: boolean,
  isSingleline: boolean,
): RE2JS | null {
  const translated = translate(pattern);
  if (translated === null) return null;
  const flags =
    (ignoresCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (isMultiline ? RE2JS.MULTILINE : 0) |
    (isSingleline ? RE2JS.DOTALL : 0);
  try {
    return RE2JS.compile(translated, flags);
  } catch {
    return null;
  }
}

/** `\b` is ASCII's to RE2, and a hole in a class cannot hold a negated one: such patterns stay with the other engine. */
function translate(pattern: string): string | null {
  let result = "";
  let isInClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char !== "\\") {
      if (char === "[" && isInClass) result += "\\[";
      else if (char === "(" && pattern.startsWith("(?'", at)) return null;
      else if (char === "(" && !isInClass && pattern.startsWith("(?<", at)) {
        result += "(?P<";
        at += 2;
        continue;
      } else result += char;
      if (char === "[") isInClass = true;
      if (char === "]") isInClass = false;
      continue;
    }
    const letter = pattern[++at] ?? "";
    const class_ = wide[letter];
    if (class_ !== undefined) result += isInClass || letter === "D" ? class_ : `[${class_}]`;
    else if (letter === "W" || letter === "S") {
      if (isInClass) return null;
      result += `[^${wide[letter.toLowerCase()] ?? ""}]`;
    } else if (/[bBZGepPck]/.test(letter)) {
      if (letter !== "p" && letter !== "P") return null;
      result += `\\${letter}`;
    } else if (letter === "u") {
      result += `\\x{${pattern.slice(at + 1, at + 5)}}`;
      at += 4;
    } else if (/\w/.test(letter) && !/[AnrtfvxdDsSwWz]/.test(letter)) return null;
    else result += `\\${letter}`;
  }
  return result;
}
