import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { candidates, isFound } from "#interop/caddyfile/match/files.ts";
import { findFile } from "#interop/caddyfile/site/find-file.ts";
import type { Piece } from "#interop/caddyfile/site/piece.ts";
import { celText, variable } from "#interop/caddyfile/words/cel.ts";
import { encodedPath, literalPattern } from "#interop/caddyfile/words/regexp.ts";
import { isPlain, literal, textToCel, textToTemplate } from "#interop/caddyfile/words/text.ts";
import { choose, type Policy } from "#interop/caddyfile/target/policy.ts";

export const rewriteDirectives: Readonly<Record<string, DirectiveSpec>> = {
  rewrite: {
    matched: true,
    maps: "`set-target`; the first that matches runs",
    translate: (directive) => piece(directive, rewrite(directive.args[0] ?? "", directive), { group: "rewrite" }),
  },
  uri: {
    matched: true,
    maps: "`set-target`, `set-query-parameter`",
    translate: (directive) => piece(directive, uri(directive)),
  },
  method: {
    matched: true,
    maps: "`set-method`",
    translate: (directive) =>
      piece(directive, [{ "set-method": textToTemplate((directive.args[0] ?? "").toUpperCase(), directive.names) }]),
  },
  try_files: {
    matched: false,
    maps: "`find-file` and `set-target`; `fallback` of an application server right behind",
    translate: tryFiles,
  },
};

function tryFiles(directive: Directive): Piece {
  const { args, scope, isFused, say } = directive;
  if (isFused) {
    scope.tries.current = args;
    return piece(directive, []);
  }
  if (scope.moment === "response") say("option-unsupported", "try_files, where the response is there already");
  const isMust = args.at(-1) === "=404";
  const tries = candidates(isMust ? args.slice(0, -1) : args, (message) => say("value-unsupported", message));
  const name = scope.site.fileVariable(tries, null);
  const found = { condition: isFound(name), policies: [setPath(variable(name))] };
  return piece(directive, [choose([found], isMust ? [{ refuse: { status: 404 } }] : [])], {
    before: [findFile({ variable: name, tries, root: null }, directive)],
  });
}

/** A path, a query, or both; a query that is not said stays. */
export function rewrite(
  to: string,
  { names, say, scope }: Pick<Directive, "names" | "say" | "scope">,
): readonly Policy[] {
  if (scope.moment === "response") {
    say("option-unsupported", "rewrite, where the response is there already");
    return [];
  }
  const mark = to.indexOf("?");
  const written = mark < 0 ? to : to.slice(0, mark);
  const isUri = written === "{uri}" || written === "{http.request.uri}";
  // The query of {uri} ends up as the query.
  const path = written.replaceAll(/\{(?:http\.request\.)?uri\}/g, "{http.request.uri.path}");
  const target = isUri ? {} : { path: path === "" ? undefined : textToTemplate(encodeWritten(path), names) };
  const query = mark < 0 ? undefined : textToTemplate(to.slice(mark + 1), names);
  const settings = Object.fromEntries(Object.entries({ ...target, query }).filter(([, value]) => value !== undefined));
  return Object.keys(settings).length === 0 ? [] : [{ "set-target": settings }];
}

function encodeWritten(path: string): string {
  return isPlain(path) ? encodedPath(literal(path)) : path;
}

function setPath(cel: string): Policy {
  return { "set-target": { path: `\${${cel}}` } };
}

function rooted(cel: string): string {
  return `(${cel}).replaceMatches("^/*", "/")`;
}

function uri(directive: Directive): readonly Policy[] {
  const { args, say } = directive;
  const [what = "", first = "", second = "", limit] = args;
  switch (what) {
    case "strip_prefix":
      return [stripPrefix(first, directive)];
    case "strip_suffix":
      return [
        setPath(rooted(`request.sentPath.replaceMatches(${celText(`${literalPattern(encodedPath(first))}$`)}, "")`)),
      ];
    case "replace": {
      if (limit !== undefined || second === undefined) say("value-unsupported", "uri replace with a limit");
      const pattern = celText(literalPattern(literal(first)));
      const replacement = celText(literal(second).replaceAll("$", "$$$$"));
      return [
        {
          "set-target": {
            path: `\${request.sentPath.replaceMatches(${pattern}, ${replacement})}`,
            query: `\${request.sentQuery.replaceMatches(${pattern}, ${replacement})}`,
          },
        },
      ];
    }
    case "path_regexp":
      return [setPath(rooted(`request.sentPath.replaceMatches(${celText(first)}, ${celText(second)})`))];
    case "query":
      return queryChanges(directive);
    default:
      say("option-unsupported", `uri ${what}`);
      return [];
  }
}

/** What is left of a path begins with a slash. */
export function stripPrefix(prefix: string, { say }: Pick<Directive, "say">): Policy {
  if (!isPlain(prefix)) say("value-unsupported", `a prefix that depends on the request: ${prefix}`);
  const text = encodedPath(literal(prefix));
  const pattern = `(?i)^/?${literalPattern(text.replace(/^\//, ""))}/*`;
  const policies = [{ "set-target": { path: `\${request.sentPath.replaceMatches(${celText(pattern)}, "/")}` } }];
  return choose([{ condition: `request.sentPath.matches(${celText(pattern)})`, policies }]);
}

function queryChanges({ args, line, names, say }: Directive): readonly Policy[] {
  const lines =
    args.length > 1
      ? [args.slice(1)]
      : (line.block ?? []).map(({ name, args: words }) => [name.text, ...words.map(({ text }) => text)]);
  return lines.flatMap(([key = "", value, replacement]): readonly Policy[] => {
    if (key.startsWith("-")) return [{ "set-query-parameter": { name: key.slice(1), ifExists: "delete" } }];
    const [from = "", to] = key.split(">");
    if (to !== undefined) return renamed(from, to);
    if (replacement !== undefined && isPlain(value ?? "{"))
      return replaced(key, literal(value ?? ""), textToCel(replacement, names));
    if (value === undefined || replacement !== undefined) {
      say("value-unsupported", `uri query ${key} ${value ?? ""}`);
      return [];
    }
    const add = key.startsWith("+");
    const ifExists = add ? { ifExists: "append" } : {};
    return [
      {
        "set-query-parameter": { name: add ? key.slice(1) : key, ...ifExists, values: [textToTemplate(value, names)] },
      },
    ];
  });
}

function renamed(from: string, to: string): readonly Policy[] {
  const policies = [
    { "set-query-parameter": { name: to, values: [`\${request.query[${celText(from)}]}`] } },
    { "set-query-parameter": { name: from, ifExists: "delete" } },
  ];
  return [choose([{ condition: `${celText(from)} in request.query`, policies }])];
}

function replaced(name: string, pattern: string, replacement: string): readonly Policy[] {
  const value = `request.query[${celText(name)}].replaceMatches(${celText(pattern)}, ${replacement})`;
  const policies = [{ "set-query-parameter": { name, values: [`\${${value}}`] } }];
  return [choose([{ condition: `${celText(name)} in request.query`, policies }])];
}
