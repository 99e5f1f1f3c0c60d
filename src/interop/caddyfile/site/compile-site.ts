import { CaddyfileError, type Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { directives, siteDirectives } from "#interop/caddyfile/directives/table.ts";
import { matchesAll } from "#interop/caddyfile/match/matcher.ts";
import type { Names } from "#interop/caddyfile/words/text.ts";
import { variable } from "#interop/caddyfile/words/cel.ts";
import type { ImportCode } from "#interop/caddyfile/report/codes.ts";
import { join } from "./join.ts";
import { findFile } from "./find-file.ts";
import { sortDirectives } from "./order.ts";
import type { Joined, Piece } from "./piece.ts";
import { readMatcher } from "./read-matcher.ts";
import type { Directive, Scope } from "./scope.ts";
import type { Site } from "./site.ts";

export interface CompileOptions {
  readonly site: Site;
  readonly order: readonly string[];
  readonly mapped: ReadonlySet<string>;
  readonly wantedGroups: Set<string>;
  readonly port: number | null;
}

/** Lines of a site to policies: sorted as Caddy sorts them, each by its directive, then joined. */
export class SiteCompiler {
  readonly #options: CompileOptions;

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  compile(lines: readonly Line[], outer: Scope, ordered: boolean, isRoot: boolean = false): Joined {
    const matchers = new Map(outer.matchers);
    for (const line of lines) if (isMatcher(line)) this.#define(line, matchers);
    const scope = { ...outer, matchers };
    const found = lines.filter((line) => !isMatcher(line)).flatMap((line) => this.#read(line, scope, isRoot));
    const sorted = ordered
      ? sortDirectives(
          found.map((one) => ({ ...one, directive: one.name })),
          this.#options.order,
        )
      : found;
    const pieces = sorted.flatMap((one, index) => {
      const isFused = one.name === "try_files" && runsScripts(sorted.slice(index + 1));
      return this.#translate({ ...one, isFused });
    });
    if (isRoot) this.#noteAlways(pieces);
    return join(isRoot ? [...pieces, nothing] : pieces, {
      always: this.#options.site.always,
      needMarks: () => (this.#options.site.needsMarks = true),
    });
  }

  #define(line: Line, matchers: Map<string, Line>): void {
    const { text } = line.name;
    if (matchers.get(text) !== undefined && matchers.get(text) !== line) {
      throw new CaddyfileError(`the matcher ${text} is there twice`, line.name);
    }
    this.#options.site.report.count(line);
    matchers.set(text, line);
  }

  #read(line: Line, scope: Scope, isRoot: boolean): readonly Directive[] {
    const { name } = line;
    const { site, mapped, wantedGroups, port } = this.#options;
    if (name.text in siteDirectives) {
      if (isRoot) return [];
      throw new CaddyfileError(`${name.text} stands in a site, not within another directive`, name);
    }
    const spec = directives[name.text];
    if (spec === undefined || name.quote !== "") throw new CaddyfileError(`there is no directive ${name.text}`, name);
    site.report.count(line);
    const say = (code: ImportCode, message: string, at: Token = name): void => {
      const before = site.report.losses;
      site.report.say(code, at, message);
      if (site.report.losses > before) site.report.lose(line);
    };
    const names: Names = {
      mapped,
      moment: scope.moment,
      environment: (variableName) => {
        site.environment.add(variableName);
        return variable(`env.${variableName}`);
      },
      captured: (group) => wantedGroups.add(group),
      unknown: (one) => say("placeholder-unsupported", `{${one}}`),
      port,
    };
    const isWholeWord = (name.text === "rewrite" || name.text === "root") && line.args.length === 1;
    const matcher =
      spec.matched && !isWholeWord ? readMatcher(line.args[0], { names, scope, wantedGroups, say }) : null;
    const args = line.args.slice(matcher === null ? 0 : 1).map(({ text }) => text);
    const compile: Directive["compile"] = (inner, innerScope, ordered) => this.compile(inner, innerScope, ordered);
    const isFused = false;
    return [
      { name: name.text, token: name, line, args, matcher: matcher ?? matchesAll, scope, names, say, compile, isFused },
    ];
  }

  #translate(directive: Directive): readonly Piece[] {
    const spec = directives[directive.name];
    // The folder is the one that the directives so far have said.
    const looks = directive.matcher.lookups.map((lookup) => findFile(lookup, directive));
    const made = spec?.translate(directive) ?? [];
    const pieces = "directive" in made ? [made] : made;
    return pieces.map((raw) => {
      const one = looks.length === 0 ? raw : { ...raw, before: [...looks, ...(raw.before ?? [])] };
      const { outbound, ...rest } = one;
      return outbound === undefined || this.#options.site.isEmptyRule(outbound) ? rest : one;
    });
  }

  /** Rules that every request comes by need no mark. */
  #noteAlways(pieces: readonly Piece[]): void {
    for (const { matcher, outbound, ends } of pieces) {
      if (outbound !== undefined && matcher.condition === "true") this.#options.site.always.add(outbound);
      if (ends !== "never") return;
    }
  }
}

/** What Caddy says where nothing has answered. */
const nothing: Piece = {
  directive: "",
  matcher: matchesAll,
  policies: [{ "return-response": { outbound: true } }],
  ends: "always",
  hands: false,
};

/** Nothing that looks at the path stands between: an application server tries files itself. */
function runsScripts(behind: readonly Directive[]): boolean {
  const first = behind.find(({ name, matcher }) => matcher.condition !== "true" || !keepsPath.has(name));
  return first?.name === "php_fastcgi" && first.matcher.condition === "true";
}

const keepsPath: ReadonlySet<string> = new Set(["root", "encode", "header", "request_header", "log_skip", "skip_log"]);

function isMatcher({ name }: Line): boolean {
  return name.quote === "" && name.text.startsWith("@");
}

/** Text of a variable of the environment, for expressions. */
export function environmentPolicies(names: ReadonlySet<string>): readonly Readonly<Record<string, unknown>>[] {
  return [...names]
    .toSorted()
    .map((name) => ({ "set-variable": { name: `env.${name}`, value: `{{${valueName(name)}}}` } }));
}

export function valueName(name: string): string {
  return `env-${name.replaceAll(/[^A-Za-z0-9._-]/g, "-")}`;
}
