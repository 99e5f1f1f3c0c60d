import type { RE2JS } from "re2js";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { step } from "#notation/csharp/value/run.ts";
import { linearEngine } from "./linear.ts";
import { type Capture, Search } from "./match.ts";
import type { ParsedRegex } from "./node.ts";
import { parseRegex, regexOptions } from "./parse.ts";

/** A match, or null: the captures of each group, of which the last counts; group 0 is the whole. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly captures: readonly (readonly Capture[])[];
}

const plainOptions =
  regexOptions.explicitCapture | regexOptions.ignoreWhitespace | regexOptions.rightToLeft | regexOptions.ecma;

/** System.Text.RegularExpressions.Regex. Patterns that are regular run in linear time; others count their steps. */
export class Regex implements NetObject {
  readonly netType = "Regex";
  readonly pattern: string;
  readonly options: number;
  readonly parsed: ParsedRegex;
  readonly #linear: RE2JS | null;
  /** `$` and `Z` stand before a last newline too, which RE2 does not know. */
  readonly #hasEnd: boolean;

  constructor(pattern: string, options = 0) {
    this.pattern = pattern;
    this.options = options;
    this.parsed = parseRegex(pattern, options);
    const has = (option: number): boolean => (options & option) !== 0;
    const isPlain =
      this.parsed.isRegular &&
      (options & plainOptions) === 0 &&
      !/\(\?[imnsx-]+[:)]|\(\?#/.test(pattern) &&
      !hasBoth(this.parsed);
    this.#linear = isPlain
      ? linearEngine(pattern, has(regexOptions.ignoreCase), has(regexOptions.multiline), has(regexOptions.singleline))
      : null;
    this.#hasEnd = pattern.includes("$");
  }

  find(text: string, from: number): Found | null {
    if (this.#linear !== null && !(this.#hasEnd && text.endsWith("\n")))
      return this.#findLinear(this.#linear, text, from);
    const search = new Search(text, this.parsed.names.length);
    const whole = search.find(this.parsed.root, from);
    if (whole === null) return null;
    return {
      start: whole[0],
      end: whole[1],
      captures: [[whole], ...search.captures.slice(1).map((list) => list.slice())],
    };
  }

  #findLinear(engine: RE2JS, text: string, from: number): Found | null {
    step(1 + ((text.length - from) >> 2));
    const matcher = engine.matcher(text);
    if (!matcher.find(from)) return null;
    const captures = this.parsed.names.map((_, group): Capture[] => {
      const start = matcher.start(group);
      return start < 0 ? [] : [[start, matcher.end(group)]];
    });
    return { start: matcher.start(0), end: matcher.end(0), captures };
  }

  /** All matches, one behind the other; an empty one moves on by a character. */
  *findAll(text: string, start = 0): Generator<Found> {
    for (let at = start; at <= text.length;) {
      const found = this.find(text, at);
      if (found === null) return;
      yield found;
      at = found.end === found.start ? found.end + 1 : found.end;
    }
  }

  toString(): string {
    return this.pattern;
  }
}

/** Named and unnamed groups are numbered by the order they stand in by RE2, which .NET does not do. */
function hasBoth({ names }: ParsedRegex): boolean {
  const named = names.filter((name) => !/^\d+$/.test(name)).length;
  return named > 0 && named < names.length - 1;
}
