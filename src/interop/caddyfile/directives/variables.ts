import type { Token } from "#interop/caddyfile/syntax/token.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { celText } from "#interop/caddyfile/words/cel.ts";
import { textToCel, textToTemplate } from "#interop/caddyfile/words/text.ts";
import { choose, type Policy, setVariable } from "#interop/caddyfile/target/policy.ts";

export const variableDirectives: Readonly<Record<string, DirectiveSpec>> = {
  vars: {
    matched: true,
    maps: "`set-variable`",
    translate: (directive) => {
      const { line, args } = directive;
      const words = args.length === 0 ? [] : [line.args.slice(-args.length)];
      const lines = [...words, ...(line.block ?? []).map(({ name, args: rest }) => [name, ...rest])];
      return piece(
        directive,
        lines.map(([name, value]) => setVariable(`vars.${name?.text ?? ""}`, typed(value, directive))),
      );
    },
  },
  map: {
    matched: true,
    maps: "`choose` and `set-variable`",
    translate: (directive) => piece(directive, map(directive)),
  },
};

/** A bare number or truth is one; in quotes it is a text. */
function typed(token: Token | undefined, { names }: Directive): unknown {
  if (token === undefined) return "";
  if (token.quote === "" && /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(token.text)) return JSON.parse(token.text);
  // Groups belong to a pattern; where there is none they are text.
  return textToTemplate(token.text.replaceAll(/\$\{(\w+)\}/g, "$\\{$1\\}"), names);
}

function map(directive: Directive): readonly Policy[] {
  const { line, names } = directive;
  const [source, ...destinations] = line.args.filter(({ text }, index) => index > 0 || !/^[@/*]/.test(text));
  const subject = textToCel(source?.text ?? "", names);
  const rows = line.block ?? [];
  const fallback = rows.find(({ name }) => name.text === "default" && name.quote === "");
  return destinations.flatMap(({ text }, index): readonly Policy[] => {
    const variable = `map.${text.replace(/^\{|\}$/g, "")}`;
    const when = rows
      .filter((row) => row !== fallback && row.args[index] !== undefined && row.args[index]?.text !== "-")
      .map(({ name, args }) => {
        const [condition, pattern] = inputOf(name, subject);
        return { condition, policies: [setVariable(variable, output(args[index], pattern, subject, directive))] };
      });
    const otherwise =
      fallback?.args[index] === undefined ? [] : [setVariable(variable, typed(fallback.args[index], directive))];
    return when.length === 0 ? otherwise : [choose(when, otherwise)];
  });
}

function inputOf({ text }: Token, subject: string): readonly [string, string | null] {
  if (!text.startsWith("~")) return [`${subject} == ${celText(text)}`, null];
  return [`${subject}.matches(${celText(text.slice(1))})`, text.slice(1)];
}

/** `${1}` is a group of the row's pattern. */
function output(token: Token | undefined, pattern: string | null, subject: string, directive: Directive): unknown {
  const text = token?.text ?? "";
  const groups = [...text.matchAll(/\$\{?(\w+)\}?/g)];
  if (pattern === null || groups.length === 0) return typed(token, directive);
  const parts = text.split(/\$\{?(\w+)\}?/);
  const cel = parts.map((part, index) => {
    if (index % 2 === 0) return textToCel(part, directive.names);
    return `${subject}.capture(${celText(pattern)}, ${/^\d+$/.test(part) ? part : celText(part)})`;
  });
  return `\${${cel.join(" + ")}}`;
}

/** Names that `map` gives meaning to, wherever in the site it stands. */
export function mappedNames(args: readonly Token[]): readonly string[] {
  return args
    .slice(1)
    .filter(({ text }) => /^\{.+\}$/.test(text))
    .map(({ text }) => text.slice(1, -1));
}
