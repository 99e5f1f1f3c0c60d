import { CaddyfileError, type Token } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { matcherKinds } from "#interop/caddyfile/match/kinds.ts";
import { type Capture, type MatchContext, matchesAll, type Matcher } from "#interop/caddyfile/match/matcher.ts";
import { translateExpression } from "#interop/caddyfile/match/expression.ts";
import { pathCondition } from "#interop/caddyfile/match/paths.ts";
import { type FileLookup, isFound } from "#interop/caddyfile/match/files.ts";
import { both, variable as valueOf } from "#interop/caddyfile/words/cel.ts";
import type { Names } from "#interop/caddyfile/words/text.ts";
import type { ImportCode } from "#interop/caddyfile/report/codes.ts";
import type { Scope } from "./scope.ts";

export interface MatcherReading {
  readonly names: Names;
  readonly scope: Scope;
  readonly wantedGroups: ReadonlySet<string>;
  readonly say: (code: ImportCode, message: string, at?: Token) => void;
}

/** @returns what a first argument decides; null: it is no matcher */
export function readMatcher(token: Token | undefined, reading: MatcherReading): Matcher | null {
  if (token === undefined || token.quote === "`") return null;
  const { text } = token;
  if (text === "*") return { ...matchesAll };
  if (text.startsWith("/")) {
    const context = contextOf(token, "", { captures: [], lookups: [] }, reading);
    return { ...matchesAll, condition: pathCondition([text], context), path: text, isThere: true };
  }
  if (!text.startsWith("@")) return null;
  const line = reading.scope.matchers.get(text);
  if (line === undefined) throw new CaddyfileError(`there is no matcher ${text}`, token);
  return named(line, reading);
}

/** What a matcher has besides its condition, while it is read. */
interface Found {
  readonly captures: Capture[];
  readonly lookups: FileLookup[];
}

function named(line: Line, reading: MatcherReading): Matcher {
  const [captures, lookups]: [Capture[], FileLookup[]] = [[], []];
  const context = contextOf(line.name, line.name.text.slice(1), { captures, lookups }, reading);
  const condition = setCondition(line, context);
  const [only, ...more] = line.block ?? [{ name: line.args[0], args: line.args.slice(1) }];
  const path =
    more.length === 0 && only?.name?.text === "path" && only.args.length === 1 ? (only.args[0]?.text ?? null) : null;
  return { condition, path, isThere: true, captures, lookups };
}

function contextOf(
  at: Token,
  setName: string,
  { captures, lookups }: Found,
  { names, scope, wantedGroups, say }: MatcherReading,
): MatchContext {
  const context: MatchContext = {
    names,
    place: { file: at.file, line: at.line },
    say: (code, message) => say(code, message, at),
    setName,
    addCapture: (capture) => captures.push(capture),
    lookFor: (tries, root) => {
      if (scope.moment === "response") say("matcher-unsupported", "file, where a response is there already", at);
      const variable = scope.site.fileVariable(tries, root);
      lookups.push({ variable, tries, root });
      captures.push({ variable: "file.match", cel: valueOf(variable) });
      return isFound(variable);
    },
    wantedGroups,
    kinds: matcherKinds,
    nested: (lines) => linesCondition(lines, context),
  };
  return context;
}

/** `@name kind args`, `@name { … }`, or an expression in backquotes. */
function setCondition({ args, block }: Line, context: MatchContext): string {
  if (block !== null && args.length === 0) return linesCondition(block, context);
  const [first, ...rest] = args;
  if (first === undefined) return "true";
  if (first.quote === "`" && rest.length === 0) return translateExpression(first.text, context);
  return linesCondition([{ name: first, args: rest, block }], context);
}

function linesCondition(lines: readonly Line[], context: MatchContext): string {
  const kinds = new Map<string, Line[]>();
  for (const line of lines) kinds.set(line.name.text, [...(kinds.get(line.name.text) ?? []), line]);
  return both(
    [...kinds].map(([name, same]) => {
      const [first] = same as [Line];
      if (first.name.quote === "`") return translateExpression(first.name.text, context);
      const kind = matcherKinds[name];
      if (kind === undefined) {
        context.say("matcher-unsupported", `the matcher ${name}`);
        return "false";
      }
      if (name === "not" || name === "expression") return both(same.map((line) => kind([line.args], context, line)));
      return kind(
        same.map(({ args }) => args),
        context,
        first,
      );
    }),
  );
}
