import { hostType } from "#notation/csharp/type/host-type.ts";
import type { TypeTable } from "#notation/csharp/type/type-def.ts";
import { type Found, Regex } from "#notation/csharp/regex/regex.ts";
import type { EnumValue } from "#notation/csharp/value/enum-value.ts";
import { NetArray } from "#notation/csharp/value/net-array.ts";
import { argumentNull, NetException, outOfRange } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { charge, step, text } from "#notation/csharp/value/run.ts";
import { replacePaid } from "#notation/csharp/value/url-encode.ts";

const namespace = "System.Text.RegularExpressions";

/** Capture, Group and Match: a part of the input. */
class Part implements NetObject {
  readonly netType: string;
  readonly input: string;
  readonly name: string;
  readonly captures: readonly (readonly [start: number, end: number])[];

  constructor(netType: string, input: string, name: string, captures: Part["captures"]) {
    this.netType = netType;
    this.input = input;
    this.name = name;
    this.captures = captures;
  }

  get success(): boolean {
    return this.captures.length > 0;
  }

  get index(): number {
    return this.captures.at(-1)?.[0] ?? 0;
  }

  get length(): number {
    const last = this.captures.at(-1);
    return last === undefined ? 0 : last[1] - last[0];
  }

  get value(): string {
    return this.input.slice(this.index, this.index + this.length);
  }

  toString(): string {
    return this.value;
  }
}

class Match extends Part {
  readonly regex: Regex;
  readonly found: Found | null;

  constructor(regex: Regex, input: string, found: Found | null) {
    super("Match", input, "0", found === null ? [] : [[found.start, found.end]]);
    this.regex = regex;
    this.found = found;
  }

  group(index: number): Part {
    const name = this.regex.parsed.names[index];
    if (index === 0) return this;
    return new Part("Group", this.input, name ?? "", this.found?.captures[index] ?? []);
  }

  named(name: string): Part {
    const index = this.regex.parsed.names.indexOf(name);
    return index === -1 ? new Part("Group", this.input, name, []) : this.group(index);
  }

  get groups(): readonly Part[] {
    return this.found === null ? [this] : this.regex.parsed.names.map((_, index) => this.group(index));
  }

  next(): Match {
    if (this.found === null) return this;
    const from = this.found.end === this.found.start ? this.found.end + 1 : this.found.end;
    return new Match(this.regex, this.input, from > this.input.length ? null : this.regex.find(this.input, from));
  }
}

/** A list with a type of its own. */
class Parts<T extends Part> implements NetObject {
  readonly netType: string;
  readonly of: Match | null;
  readonly items: readonly T[];

  constructor(netType: string, items: readonly T[], of: Match | null = null) {
    this.netType = netType;
    this.items = items;
    this.of = of;
  }

  get count(): number {
    return this.items.length;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.items[Symbol.iterator]();
  }

  get(index: number): T {
    const found = this.items[index];
    if (found === undefined) throw outOfRange("i");
    return found;
  }

  toString(): string {
    return `System.Text.RegularExpressions.${this.netType}`;
  }
}

const known = new Map<string, Regex>();
const maxKnown = 256;

/** Patterns are mostly constants; a policy that makes new ones for each request pushes out the oldest. */
function regexOf(pattern: string | null, options?: EnumValue): Regex {
  if (pattern === null) throw argumentNull("pattern");
  const key = `${options?.value ?? 0} ${pattern}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  step(1 + pattern.length);
  const made = new Regex(pattern, options?.value ?? 0);
  if (known.size >= maxKnown) known.delete(known.keys().next().value as string);
  known.set(key, made);
  return made;
}

function needed(input: string | null): string {
  if (input === null) throw argumentNull("input");
  return input;
}

function match(regex: Regex, input: string | null, start = 0): Match {
  const given = needed(input);
  if (start < 0 || start > given.length) throw outOfRange("startat");
  return new Match(regex, given, regex.find(given, start));
}

function matches(regex: Regex, input: string | null, start = 0): Parts<Match> {
  const given = needed(input);
  const found: Match[] = [];
  for (const each of regex.findAll(given, start)) {
    charge(128);
    found.push(new Match(regex, given, each));
  }
  return new Parts("MatchCollection", found);
}

/** `$1`, `${name}`, `$&`, `$$`, `` $` ``, `$'`, `$_`, `$+` */
function substituted(found: Match, replacement: string): string {
  return replacement.replace(
    /\$(?:(\d{1,9})|\{(\w+)\}|([$&`'_+]))/g,
    (whole, number: string | undefined, name: string | undefined, mark: string | undefined) => {
      if (mark !== undefined) return marked(found, mark);
      const given = number ?? name ?? "";
      const index = found.regex.parsed.names.indexOf(given);
      return index === -1 ? whole : found.group(index).value;
    },
  );
}

function marked(found: Match, mark: string): string {
  switch (mark) {
    case "$":
      return "$";
    case "&":
      return found.value;
    case "`":
      return found.input.slice(0, found.index);
    case "'":
      return found.input.slice(found.index + found.length);
    case "+":
      return found.groups.findLast((group) => group.success)?.value ?? "";
    default:
      return found.input;
  }
}

function replace(
  regex: Regex,
  input: string | null,
  by: string | ((found: Match) => unknown) | null,
  count = -1,
  start = 0,
): string {
  const given = needed(input);
  if (by === null) throw argumentNull("replacement");
  let result = "";
  let begun = 0;
  let left = count;
  for (const each of regex.findAll(given, start)) {
    if (left-- === 0) break;
    const found = new Match(regex, given, each);
    const piece =
      given.slice(begun, each.start) + (typeof by === "string" ? substituted(found, by) : String(by(found) ?? ""));
    charge(piece.length * 2);
    result += piece;
    begun = each.end;
  }
  return text(result + given.slice(begun));
}

/** What stands between the matches, with what their groups have captured. */
function split(regex: Regex, input: string | null, count = 0): NetArray {
  const given = needed(input);
  const parts: string[] = [];
  let begun = 0;
  let left = count - 1;
  for (const each of regex.findAll(given)) {
    if (count > 0 && left-- <= 0) break;
    parts.push(given.slice(begun, each.start));
    for (const captures of each.captures.slice(1)) {
      const last = captures.at(-1);
      if (last !== undefined) parts.push(given.slice(last[0], last[1]));
    }
    begun = each.end;
  }
  parts.push(given.slice(begun));
  charge(given.length * 2 + parts.length * 16);
  return new NetArray(hostType("String"), parts);
}

const escapable = /[\\*+?|{[()^$.#\s]/g;
const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f" };

type Evaluate = (found: Match) => unknown;

// Time is bounded here whatever is asked for: the engine counts its steps.
const matchesOf = (input: string | null, pattern: string | null, options: EnumValue) =>
  matches(regexOf(pattern, options), input);
const replaceIn = (input: string | null, pattern: string | null, by: string | null | Evaluate, options: EnumValue) =>
  replace(regexOf(pattern, options), input, by);
const splitOf = (input: string | null, pattern: string | null, options: EnumValue) =>
  split(regexOf(pattern, options), input);

const regexTable: TypeTable = {
  name: "Regex",
  namespace,
  kind: "class",
  construct: {
    "(string pattern)": (pattern: string | null) => regexOf(pattern),
    "(string pattern, RegexOptions options)": regexOf,
    "(string pattern, RegexOptions options, TimeSpan matchTimeout)": (pattern: string | null, options: EnumValue) =>
      regexOf(pattern, options),
  },
  statics: {
    "IsMatch(string input, string pattern): bool": (input: string | null, pattern: string | null) =>
      match(regexOf(pattern), input).success,
    "IsMatch(string input, string pattern, RegexOptions options): bool": (
      input: string | null,
      pattern: string | null,
      options: EnumValue,
    ) => match(regexOf(pattern, options), input).success,
    "IsMatch(string input, string pattern, RegexOptions options, TimeSpan matchTimeout): bool": (
      input: string | null,
      pattern: string | null,
      options: EnumValue,
    ) => match(regexOf(pattern, options), input).success,
    "Match(string input, string pattern): Match": (input: string | null, pattern: string | null) =>
      match(regexOf(pattern), input),
    "Match(string input, string pattern, RegexOptions options): Match": (
      input: string | null,
      pattern: string | null,
      options: EnumValue,
    ) => match(regexOf(pattern, options), input),
    "Match(string input, string pattern, RegexOptions options, TimeSpan matchTimeout): Match": (
      input: string | null,
      pattern: string | null,
      options: EnumValue,
    ) => match(regexOf(pattern, options), input),
    "Matches(string input, string pattern): MatchCollection": (input: string | null, pattern: string | null) =>
      matches(regexOf(pattern), input),
    "Matches(string input, string pattern, RegexOptions options): MatchCollection": matchesOf,
    "Matches(string input, string pattern, RegexOptions options, TimeSpan matchTimeout): MatchCollection": matchesOf,
    "Replace(string input, string pattern, string replacement): string": (
      input: string | null,
      pattern: string | null,
      by: string | null,
    ) => replace(regexOf(pattern), input, by),
    "Replace(string input, string pattern, string replacement, RegexOptions options): string": replaceIn,
    "Replace(string input, string pattern, string replacement, RegexOptions options, TimeSpan matchTimeout): string":
      replaceIn,
    "Replace(string input, string pattern, MatchEvaluator evaluator): string": (
      input: string | null,
      pattern: string | null,
      by: Evaluate,
    ) => replace(regexOf(pattern), input, by),
    "Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options): string": replaceIn,
    "Replace(string input, string pattern, MatchEvaluator evaluator, RegexOptions options, TimeSpan matchTimeout): string":
      replaceIn,
    "Split(string input, string pattern): string[]": (input: string | null, pattern: string | null) =>
      split(regexOf(pattern), input),
    "Split(string input, string pattern, RegexOptions options): string[]": splitOf,
    "Split(string input, string pattern, RegexOptions options, TimeSpan matchTimeout): string[]": splitOf,
    "Escape(string str): string": (value: string) =>
      replacePaid(value, escapable, (char = "") => named[char] ?? `\\${char}`),
    "Unescape(string str): string": (value: string) =>
      replacePaid(value, /\\([\s\S])/g, (_all, char = "") => ({ n: "\n", r: "\r", t: "\t", f: "\f" })[char] ?? char),
  },
  members: {
    "IsMatch(string input): bool": (self: Regex, input: string | null) => match(self, input).success,
    "IsMatch(string input, int startat): bool": (self: Regex, input: string | null, start: number) =>
      match(self, input, start).success,
    "Match(string input): Match": (self: Regex, input: string | null) => match(self, input),
    "Match(string input, int startat): Match": match,
    "Matches(string input): MatchCollection": (self: Regex, input: string | null) => matches(self, input),
    "Matches(string input, int startat): MatchCollection": matches,
    "Replace(string input, string replacement): string": (self: Regex, input: string | null, by: string | null) =>
      replace(self, input, by),
    "Replace(string input, string replacement, int count): string": (
      self: Regex,
      input: string | null,
      by: string | null,
      count: number,
    ) => replace(self, input, by, count),
    "Replace(string input, MatchEvaluator evaluator): string": (self: Regex, input: string | null, by: Evaluate) =>
      replace(self, input, by),
    "Replace(string input, MatchEvaluator evaluator, int count): string": (
      self: Regex,
      input: string | null,
      by: Evaluate,
      count: number,
    ) => replace(self, input, by, count),
    "Split(string input): string[]": (self: Regex, input: string | null) => split(self, input),
    "Split(string input, int count): string[]": split,
    "GetGroupNames(): string[]": (self: Regex) => new NetArray(hostType("String"), [...self.parsed.names]),
  },
};

const captureTable: TypeTable = {
  name: "Capture",
  namespace,
  kind: "class",
  members: {
    "Value: string": (self: Part) => self.value,
    "Index: int": (self: Part) => self.index,
    "Length: int": (self: Part) => self.length,
  },
};

const groupTable: TypeTable = {
  name: "Group",
  namespace,
  kind: "class",
  base: "Capture",
  members: {
    "Success: bool": (self: Part) => self.success,
    "Name: string": (self: Part) => self.name,
    "Captures: CaptureCollection": (self: Part) =>
      new Parts(
        "CaptureCollection",
        self.captures.map((each) => new Part("Capture", self.input, "", [each])),
      ),
  },
};

const matchTable: TypeTable = {
  name: "Match",
  namespace,
  kind: "class",
  base: "Group",
  statics: { "Empty: Match": () => new Match(regexOf("$a"), "", null) },
  members: {
    "Groups: GroupCollection": (self: Match) => new Parts("GroupCollection", self.groups, self),
    "NextMatch(): Match": (self: Match) => self.next(),
    "Result(string replacement): string": (self: Match, replacement: string) => {
      if (!self.success) throw new NetException("NotSupportedException", "Result cannot be called on a failed Match.");
      return text(substituted(self, replacement));
    },
  },
};

function collection(name: string, item: string): TypeTable {
  return {
    name,
    namespace,
    kind: "class",
    implements: [`IReadOnlyList<${item}>`],
    members: {
      "Count: int": (self: Parts<Part>) => self.count,
      [`this[int i]: ${item}`]: (self: Parts<Part>, index: number) => self.get(index),
    },
  };
}

const groupsTable: TypeTable = {
  name: "GroupCollection",
  namespace,
  kind: "class",
  implements: ["IReadOnlyList<Group>"],
  members: {
    "Count: int": (self: Parts<Part>) => self.count,
    // A group that there is not is one that has not matched.
    "this[int groupnum]: Group": (self: Parts<Part>, index: number) =>
      self.items[index] ?? new Part("Group", "", String(index), []),
    "this[string groupname]: Group": (self: Parts<Part>, name: string) => self.of?.named(name),
    "ContainsKey(string key): bool": (self: Parts<Part>, name: string) =>
      self.of?.regex.parsed.names.includes(name) ?? false,
  },
};

export const regexTables: readonly TypeTable[] = [
  regexTable,
  captureTable,
  groupTable,
  matchTable,
  collection("MatchCollection", "Match"),
  collection("CaptureCollection", "Capture"),
  groupsTable,
];
