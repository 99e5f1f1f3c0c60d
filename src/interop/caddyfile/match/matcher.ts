import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Names } from "#interop/caddyfile/words/text.ts";
import type { ImportCode } from "#interop/caddyfile/report/codes.ts";
import type { FileLookup } from "./files.ts";
import type { Place } from "#interop/caddyfile/report/report.ts";

/** What decides whether a directive is for a request. */
export interface Matcher {
  /** CEL; `true`: for all. */
  readonly condition: string;
  /** The one path that it looks for, when it looks for nothing else; for the order of directives. */
  readonly path: string | null;
  /** It is there: directives that have one go before those that do not. */
  readonly isThere: boolean;
  /** Variables for groups of regular expressions, set where it holds. */
  readonly captures: readonly Capture[];
  /** What has to be looked for on the disk before the condition is asked. */
  readonly lookups: readonly FileLookup[];
}

export interface Capture {
  readonly variable: string;
  readonly cel: string;
}

export const matchesAll: Matcher = { condition: "true", path: null, isThere: false, captures: [], lookups: [] };

/** What a kind of matcher is given to be translated. */
export interface MatchContext {
  readonly names: Names;
  readonly place: Place;
  readonly say: (code: ImportCode, message: string) => void;
  /** Of the set that it is in, for a regular expression without a name of its own. */
  readonly setName: string;
  readonly addCapture: (capture: Capture) => void;
  /** @returns the condition that one of the paths is there, below `root` or the folder that holds */
  readonly lookFor: (tries: readonly string[], root: string | null) => string;
  /** Groups that something in the site asks for, as `name.group`. */
  readonly wantedGroups: ReadonlySet<string>;
  /** All of them, for expressions that call one. */
  readonly kinds: Readonly<Record<string, TranslateMatcher>>;
  /** For `not`. */
  readonly nested: (lines: readonly Line[]) => string;
}

/** Words behind the matcher's name, of each of its lines: several lines of one kind are one matcher. */
export type TranslateMatcher = (lines: readonly (readonly Token[])[], context: MatchContext, line: Line) => string;
