import { Untranslatable } from "./untranslatable.ts";

const word = "0-9A-Za-z_";
const classes: Readonly<Record<string, string>> = { d: "0-9", w: word, s: "\\t\\n\\f\\r " };
const posix: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7f",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word,
  xdigit: "0-9A-Fa-f",
};
const boundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
const noBoundary = `(?:(?<=[${word}])(?=[${word}])|(?<![${word}])(?![${word}]))`;

/**
 * A pattern of RE2 as .NET reads it. There `\d` and the like are Unicode's, `$` stands before a last line end too, and
 * classes know no POSIX names: each is written out. Above U+FFFF .NET counts halves of a character.
 * @throws Untranslatable for what one of them alone has
 */
export function netPattern(pattern: string, offset: number): string {
  let at = 0;
  let result = "";
  const fail = (what: string): never => {
    throw new Untranslatable(`the pattern has ${what}, which .NET reads otherwise`, offset);
  };
  if (/[\ud800-\udfff]/.test(pattern)) fail("a character above U+FFFF");
  while (at < pattern.length) {
    const piece =
      pattern[at] === "\\"
        ? escaped(pattern, at, fail)
        : pattern[at] === "["
          ? charClass(pattern, at, fail)
          : plain(pattern, at, fail);
    result += piece.text;
    at = piece.end;
  }
  return result;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

type Fail = (what: string) => never;

function plain(pattern: string, at: number, fail: Fail): Piece {
  if (pattern[at] === "$") return { text: "\\z", end: at + 1 };
  // A space and # mean themselves in both: nobody can turn on x.
  if (!pattern.startsWith("(?", at)) return { text: pattern[at] as string, end: at + 1 };
  const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(pattern.slice(at));
  if (named !== null) return { text: `(?<${named[1]}>`, end: at + named[0].length };
  const flags = /^\(\?([is]*)([:)])/.exec(pattern.slice(at));
  if (flags === null) return fail(`the group ${pattern.slice(at, at + 4)}`);
  return { text: flags[0], end: at + flags[0].length };
}

function escaped(pattern: string, at: number, fail: Fail): Piece {
  const next = pattern[at + 1] ?? "";
  const end = at + 2;
  const known = classes[next.toLowerCase()];
  if (known !== undefined) return { text: `[${next === next.toLowerCase() ? "" : "^"}${known}]`, end };
  if (next === "b") return { text: boundary, end };
  if (next === "B") return { text: noBoundary, end };
  if (next === "A" || next === "z") return { text: `\\${next}`, end };
  return character(pattern, at, fail);
}

/** An escape that is one character, or a property, in a class or outside. */
function character(pattern: string, at: number, fail: Fail): Piece {
  const rest = pattern.slice(at);
  const property = /^\\([pP])(?:([LMNPSZC])|\{([A-Z][a-z]?)\})/.exec(rest);
  if (property !== null)
    return { text: `\\${property[1]}{${property[2] ?? property[3]}}`, end: at + property[0].length };
  const hex = /^\\x([0-9A-Fa-f]{2})/.exec(rest) ?? /^\\x\{([0-9A-Fa-f]{1,4})\}/.exec(rest);
  if (hex !== null) return { text: `\\u${(hex[1] as string).padStart(4, "0")}`, end: at + hex[0].length };
  if (/^\\[tnrfva]/.test(rest) || /^\\[^0-9A-Za-z]/.test(rest)) return { text: rest.slice(0, 2), end: at + 2 };
  return fail(`the escape ${rest.slice(0, 2)}`);
}

function charClass(pattern: string, start: number, fail: Fail): Piece {
  let at = start + 1;
  let text = "[";
  if (pattern[at] === "^") {
    text += "^";
    at += 1;
  }
  for (let isFirst = true; pattern[at] !== "]" || isFirst; isFirst = false) {
    if (at >= pattern.length) return fail("a class that is never closed");
    const piece = classMember(pattern, at, fail);
    text += piece.text;
    at = piece.end;
  }
  return { text: `${text}]`, end: at + 1 };
}

function classMember(pattern: string, at: number, fail: Fail): Piece {
  const named = /^\[:(\^?)([a-z]+):\]/.exec(pattern.slice(at));
  if (named !== null) {
    const set = posix[named[2] as string];
    if (set === undefined || named[1] === "^") return fail(`the class ${named[0]}`);
    return { text: set, end: at + named[0].length };
  }
  const one = pattern[at] as string;
  // In .NET a class is taken from another one by `-[`.
  if (one === "[" || (one === "]" && pattern[at - 1] !== "\\")) return { text: `\\${one}`, end: at + 1 };
  if (one !== "\\") return { text: one, end: at + 1 };
  const next = pattern[at + 1] ?? "";
  const known = classes[next];
  if (known !== undefined) return { text: known, end: at + 2 };
  if (classes[next.toLowerCase()] !== undefined) return fail(`the escape \\${next} in a class`);
  return character(pattern, at, fail);
}
