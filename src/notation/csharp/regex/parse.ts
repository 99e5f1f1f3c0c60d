import { argument } from "#notation/csharp/value/net-exception.ts";
import { anyOf, category, literal, range, shorthand } from "./char-class.ts";
import type { CharTest, ParsedRegex, RegexNode } from "./node.ts";

/** RegexOptions that matter. */
export const regexOptions = {
  ignoreCase: 1,
  multiline: 2,
  explicitCapture: 4,
  singleline: 16,
  ignoreWhitespace: 32,
  rightToLeft: 64,
  ecma: 256,
} as const;

const maxLength = 8192;
const maxDepth = 100;
const maxRepeat = 1_000_000;
const empty: RegexNode = { kind: "sequence", items: [] };

/** Parses .NET's dialect. @throws NetException ArgumentException for what is no pattern */
export function parseRegex(pattern: string, options: number): ParsedRegex {
  if (pattern.length > maxLength) throw argument("The pattern is too long.");
  const reader = new PatternReader(pattern, options);
  return reader.parse();
}

class PatternReader {
  readonly #text: string;
  #options: number;
  #at = 0;
  #depth = 0;
  #isRegular: boolean;
  #unnamed = 0;
  /** Groups by name; unnamed ones come first, then named ones in their order. */
  readonly #named: string[] = [];
  readonly #count: number;

  constructor(text: string, options: number) {
    this.#text = text;
    this.#options = options;
    this.#isRegular = (options & regexOptions.rightToLeft) === 0;
    const groups = countGroups(text, options);
    this.#count = groups.unnamed;
    this.#named.push(...groups.named);
  }

  parse(): ParsedRegex {
    const root = this.#choice();
    if (this.#at < this.#text.length) this.#fail("Too many )'s.");
    const names = ["0", ...Array.from({ length: this.#count }, (_, index) => String(index + 1)), ...this.#named];
    return { root, names, isRegular: this.#isRegular };
  }

  #fail(message: string): never {
    throw argument(`Invalid pattern '${this.#text.slice(0, 100)}' at offset ${this.#at}. ${message}`);
  }

  #has(option: number): boolean {
    return (this.#options & option) !== 0;
  }

  get #char(): string {
    return this.#text[this.#at] ?? "";
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #choice(): RegexNode {
    if (++this.#depth > maxDepth) this.#fail("The pattern is nested too deeply.");
    const before = this.#options;
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    this.#options = before;
    this.#depth--;
    return options.length === 1 ? (options[0] as RegexNode) : { kind: "choice", options };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    while (this.#at < this.#text.length && this.#char !== "|" && this.#char !== ")") {
      const item = this.#atom();
      if (item !== undefined) items.push(this.#quantified(item));
    }
    return items.length === 1 ? (items[0] as RegexNode) : { kind: "sequence", items };
  }

  #quantified(item: RegexNode): RegexNode {
    if (this.#has(regexOptions.ignoreWhitespace)) this.#skipBlank();
    const found = /^(?:[*+?]|\{(\d{1,9})(?:(,)(\d{1,9})?)?\})/.exec(this.#text.slice(this.#at, this.#at + 30));
    if (found === null) return item;
    this.#at += found[0].length;
    const [min, max] = bounds(found);
    if (min > max) this.#fail("Illegal {x,y} with x > y.");
    const isLazy = this.#take("?");
    if (/^[*+?]/.test(this.#char)) this.#fail(`Nested quantifier '${this.#char}'.`);
    if (max > 1000 && max !== Infinity) this.#isRegular = false;
    return { kind: "repeat", item, min: Math.min(min, maxRepeat), max, isLazy };
  }

  #skipBlank(): void {
    for (;;) {
      if (/\s/.test(this.#char)) this.#at++;
      else if (this.#char === "#") {
        const end = this.#text.indexOf("\n", this.#at);
        this.#at = end === -1 ? this.#text.length : end + 1;
      } else return;
    }
  }

  #atom(): RegexNode | undefined {
    if (this.#has(regexOptions.ignoreWhitespace) && /[\s#]/.test(this.#char)) {
      this.#skipBlank();
      return undefined;
    }
    const char = this.#char;
    this.#at++;
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "char", test: this.#class() };
      case ".":
        return { kind: "char", test: this.#has(regexOptions.singleline) ? () => true : (other) => other !== "\n" };
      case "^":
        return { kind: "anchor", anchor: this.#has(regexOptions.multiline) ? "m^" : "A" };
      case "$":
        return { kind: "anchor", anchor: this.#has(regexOptions.multiline) ? "m$" : "Z" };
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        return this.#fail(`Quantifier '${char}' following nothing.`);
      default:
        return { kind: "char", test: literal(char, this.#has(regexOptions.ignoreCase)) };
    }
  }

  #group(): RegexNode | undefined {
    if (!this.#take("?")) return this.#capturing();
    if (this.#take("#")) {
      const end = this.#text.indexOf(")", this.#at);
      if (end === -1) this.#fail("Unterminated (?#...) comment.");
      this.#at = end + 1;
      return undefined;
    }
    if (this.#take(":")) return this.#closed();
    if (this.#take(">")) return this.#special({ kind: "atomic", item: this.#closed() });
    for (const [mark, isBehind, isNegative] of looks) {
      if (this.#take(mark)) return this.#special({ kind: "look", item: this.#closed(), isBehind, isNegative });
    }
    if (this.#char === "<" || this.#char === "'") return this.#namedGroup();
    if (this.#char === "(") return this.#conditional();
    return this.#inlineOptions();
  }

  #special(node: RegexNode): RegexNode {
    this.#isRegular = false;
    return node;
  }

  #closed(): RegexNode {
    const item = this.#choice();
    if (!this.#take(")")) this.#fail("Not enough )'s.");
    return item;
  }

  #capturing(): RegexNode {
    if (this.#has(regexOptions.explicitCapture)) return this.#closed();
    const group = ++this.#unnamed;
    return { kind: "capture", item: this.#closed(), group, pop: null };
  }

  #number(name: string): number {
    if (/^\d+$/.test(name)) {
      const number = Number(name);
      if (number <= this.#count) return number;
    }
    const at = this.#named.indexOf(name);
    if (at === -1) this.#fail(`Reference to undefined group name '${name}'.`);
    return this.#count + 1 + at;
  }

  #namedGroup(): RegexNode {
    const close = this.#char === "<" ? ">" : "'";
    const found = /^[<'](\w*)(?:-(\w+))?[>']/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (found === null || !found[0].endsWith(close)) this.#fail("Invalid group name.");
    this.#at += found[0].length;
    const name = found[1] ?? "";
    const pop = found[2] === undefined ? null : this.#number(found[2]);
    if (pop !== null) this.#isRegular = false;
    const group = name === "" ? null : this.#number(name);
    return { kind: "capture", item: this.#closed(), group, pop };
  }

  #conditional(): RegexNode {
    this.#isRegular = false;
    const named = /^\((\w+)\)/.exec(this.#text.slice(this.#at, this.#at + 200));
    const isGroup = named !== null && (this.#named.includes(named[1] as string) || /^\d+$/.test(named[1] as string));
    let group: number | null = null;
    let test: RegexNode | null = null;
    if (isGroup) {
      group = this.#number(named[1] as string);
      this.#at += named[0].length;
    } else {
      this.#at++;
      const inner = this.#text[this.#at] === "?" ? this.#group() : this.#closed();
      test = { kind: "look", item: inner ?? empty, isBehind: false, isNegative: false };
    }
    const both = this.#closed();
    const [yes = empty, no = empty] = both.kind === "choice" ? both.options : [both];
    return { kind: "if", group, test, yes, no };
  }

  #inlineOptions(): RegexNode | undefined {
    const found = /^([imnsx]*)(?:-([imnsx]+))?([:)])/.exec(this.#text.slice(this.#at, this.#at + 20));
    if (found === null) return this.#fail("Unrecognized grouping construct.");
    this.#at += found[0].length;
    const before = this.#options;
    for (const letter of found[1] ?? "") this.#options |= letters[letter] ?? 0;
    for (const letter of found[2] ?? "") this.#options &= ~(letters[letter] ?? 0);
    // Behind `(?i)` they hold to the end of the group, which puts the old ones back.
    if (found[3] === ")") return undefined;
    const item = this.#closed();
    this.#options = before;
    return item;
  }

  #escape(): RegexNode {
    const letter = this.#char;
    if (letter === "") this.#fail("Illegal \\ at end of pattern.");
    if (letter in anchors) {
      this.#at++;
      if (letter === "G") this.#isRegular = false;
      return { kind: "anchor", anchor: letter as "A" };
    }
    const back = this.#backReference();
    if (back !== undefined) return back;
    const test = this.#classEscape();
    if (typeof test === "function") return { kind: "char", test };
    return { kind: "char", test: literal(test, this.#has(regexOptions.ignoreCase)) };
  }

  #backReference(): RegexNode | undefined {
    const found = /^(?:k[<'](\w+)[>']|([1-9]\d?))/.exec(this.#text.slice(this.#at, this.#at + 200));
    if (found === null) return undefined;
    const name = found[1] ?? found[2] ?? "";
    if (found[2] !== undefined && Number(name) > this.#count + this.#named.length) return undefined;
    this.#at += found[0].length;
    this.#isRegular = false;
    return { kind: "back", group: this.#number(name), ignoresCase: this.#has(regexOptions.ignoreCase) };
  }

  /** Behind a backslash: a class, or the character that it stands for. */
  #classEscape(): CharTest | string {
    const letter = this.#char;
    this.#at++;
    const short = shorthand(letter, this.#has(regexOptions.ecma));
    if (short !== undefined) return short;
    if (letter === "p" || letter === "P") {
      const found = /^\{(\w+)\}/.exec(this.#text.slice(this.#at, this.#at + 60));
      if (found === null) return this.#fail("Incomplete \\p{X} character escape.");
      this.#at += found[0].length;
      return category(found[1] as string, letter === "P");
    }
    const plain = escapes[letter];
    if (plain !== undefined) return plain;
    for (const [mark, shape, base] of codes) {
      if (letter !== mark) continue;
      const digits = shape.exec(this.#text.slice(this.#at, this.#at + 4))?.[0];
      if (digits === undefined) this.#fail("Insufficient or invalid hexadecimal digits.");
      this.#at += digits.length;
      return String.fromCharCode(Number.parseInt(digits, base));
    }
    if (letter === "c") return String.fromCharCode(this.#text.charCodeAt(this.#at++) & 31);
    if (/[0-7]/.test(letter)) {
      const digits = /^[0-7]{1,3}/.exec(this.#text.slice(this.#at - 1, this.#at + 2))?.[0] ?? "0";
      this.#at += digits.length - 1;
      return String.fromCharCode(Number.parseInt(digits, 8) & 255);
    }
    if (/\w/.test(letter)) this.#fail(`Unrecognized escape sequence \\${letter}.`);
    return letter;
  }

  /** Behind a `[`. */
  #class(): CharTest {
    if (++this.#depth > maxDepth) this.#fail("The pattern is nested too deeply.");
    const isNegative = this.#take("^");
    const tests: CharTest[] = [];
    let minus: CharTest | null = null;
    for (let isFirst = true; ; isFirst = false) {
      if (this.#at >= this.#text.length) this.#fail("Unterminated [] set.");
      if (this.#char === "]" && !isFirst) break;
      if (this.#text.startsWith("-[", this.#at) && !isFirst) {
        this.#at += 2;
        minus = this.#class();
        this.#isRegular = false;
        continue;
      }
      tests.push(this.#classItem());
    }
    this.#at++;
    this.#depth--;
    return anyOf(tests, isNegative, minus);
  }

  #classItem(): CharTest {
    const from = this.#classChar();
    if (typeof from === "function") return from;
    const ignoresCase = this.#has(regexOptions.ignoreCase);
    const next = this.#text[this.#at + 1];
    if (this.#char !== "-" || next === "]" || next === "[" || next === undefined) return literal(from, ignoresCase);
    this.#at++;
    const to = this.#classChar();
    if (typeof to === "function") return this.#fail("Cannot include class in character range.");
    if (to < from) this.#fail("[x-y] range in reverse order.");
    return range(from, to, ignoresCase);
  }

  #classChar(): CharTest | string {
    const char = this.#char;
    this.#at++;
    if (char !== "\\") return char;
    if (this.#char === "b") {
      this.#at++;
      return "\b";
    }
    return this.#classEscape();
  }
}

const anchors: Readonly<Record<string, true>> = { A: true, Z: true, z: true, G: true, b: true, B: true };
const letters: Readonly<Record<string, number>> = { i: 1, m: 2, n: 4, s: 16, x: 32 };
const escapes: Readonly<Record<string, string>> = { a: "\x07", e: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const codes: readonly (readonly [mark: string, shape: RegExp, base: number])[] = [
  ["x", /^[0-9a-fA-F]{2}/, 16],
  ["u", /^[0-9a-fA-F]{4}/, 16],
];
const looks: readonly (readonly [mark: string, isBehind: boolean, isNegative: boolean])[] = [
  ["=", false, false],
  ["!", false, true],
  ["<=", true, false],
  ["<!", true, true],
];

function bounds(found: RegExpExecArray): readonly [min: number, max: number] {
  if (found[0] === "*") return [0, Infinity];
  if (found[0] === "+") return [1, Infinity];
  if (found[0] === "?") return [0, 1];
  const min = Number(found[1]);
  if (found[2] === undefined) return [min, min];
  return [min, found[3] === undefined ? Infinity : Number(found[3])];
}

/** Unnamed groups are numbered before named ones, so their count has to be known first. */
function countGroups(text: string, options: number): { readonly unnamed: number; readonly named: readonly string[] } {
  const named: string[] = [];
  let unnamed = 0;
  const token = /\\[\s\S]|\[(?:\\[\s\S]|[^\]\\])+\]|\(\?#[^)]*\)|\(\?[<'](?![=!])(\w*)|\(\?|\(/g;
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === "(" && (options & regexOptions.explicitCapture) === 0) unnamed++;
    else if (found[1] !== undefined && found[1] !== "" && !named.includes(found[1])) named.push(found[1]);
  }
  return { unnamed, named: named.filter((name) => !(/^\d+$/.test(name) && Number(name) <= unnamed)) };
}
