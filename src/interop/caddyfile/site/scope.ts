import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Token } from "#interop/caddyfile/syntax/token.ts";
import type { Matcher } from "#interop/caddyfile/match/matcher.ts";
import type { Moment } from "#interop/caddyfile/words/placeholders.ts";
import type { ImportCode } from "#interop/caddyfile/report/codes.ts";
import type { Names } from "#interop/caddyfile/words/text.ts";
import type { Joined, Piece } from "./piece.ts";
import type { Site } from "./site.ts";

/** The folder that files come from, where the directives so far have said one. */
export interface Root {
  path: string | null;
  /** It depends on the request. */
  computed: boolean;
}

/** Where lines stand: what they can name. */
export interface Scope {
  readonly site: Site;
  readonly matchers: ReadonlyMap<string, Line>;
  readonly moment: Moment;
  readonly root: Root;
  /** Paths of `try_files` that wait for whoever serves the files. */
  readonly tries: { current: readonly string[] | null };
  /** Routes that are being run, so that none runs itself. */
  readonly invoking: readonly string[];
}

/** A line that is a directive, its matcher taken off. */
export interface Directive {
  readonly name: string;
  readonly token: Token;
  readonly line: Line;
  readonly args: readonly string[];
  readonly matcher: Matcher;
  readonly scope: Scope;
  /** CEL and templates of the texts in it. */
  readonly names: Names;
  readonly say: (code: ImportCode, message: string, at?: Token) => void;
  /** `try_files`: an application server stands right behind, and tries them itself. */
  readonly isFused: boolean;
  readonly compile: (lines: readonly Line[], scope: Scope, ordered: boolean) => Joined;
}

export type Translate = (directive: Directive) => Piece | readonly Piece[];

/** What a directive is in the table of the reference. */
export interface DirectiveSpec {
  /** First argument may be a matcher. */
  readonly matched: boolean;
  readonly maps: string;
  readonly translate: Translate;
}

export function piece(directive: Directive, policies: Piece["policies"], more: Partial<Piece> = {}): Piece {
  return { directive: directive.name, matcher: directive.matcher, policies, ends: "never", hands: false, ...more };
}
