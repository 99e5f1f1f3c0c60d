import { RE2JS } from "re2js";
import { redactedMark, type Redacted } from "#model/redaction.ts";
import { isMaybeEncoded, viewsOf } from "./decoded-view.ts";
import { findCardNumbers, type Span } from "./find-card-numbers.ts";
import { findEmails } from "./find-emails.ts";

type Find = (text: string) => readonly Span[];

const known: Readonly<Record<string, Find>> = { "card-number": findCardNumbers, email: findEmails };

/**
 * What is looked for in texts, as they stand and as somebody reads them who decodes them. Clients choose the texts: every
 * search takes time that is linear in them.
 * @throws when an expression is none: the definition was checked for that
 */
export function linkPatterns(patterns: readonly string[]): (text: string) => Redacted {
  const finds = patterns.map((pattern) => known[pattern] ?? findExpression(pattern));
  return (text) => {
    if (finds.length === 0) return { text, count: 0 };
    const spans = apart(isMaybeEncoded(text) ? findInViews(finds, text) : finds.flatMap((find) => find(text)));
    return { text: without(text, spans), count: spans.length };
  };
}

function findInViews(finds: readonly Find[], sent: string): readonly Span[] {
  return viewsOf(sent).flatMap(({ text, at }) =>
    finds.flatMap((find) => find(text)).map(([from, to]): Span => [at[from] as number, at[to] as number]),
  );
}

/** In order, and those that overlap as one. */
function apart(spans: readonly Span[]): readonly Span[] {
  const all: [from: number, to: number][] = [];
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    const last = all.at(-1);
    if (last !== undefined && from < last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

function findExpression(source: string): Find {
  const compiled = RE2JS.compile(source);
  return (text) => {
    const matcher = compiled.matcher(text);
    const spans: Span[] = [];
    while (matcher.find()) if (matcher.end() > matcher.start()) spans.push([matcher.start(), matcher.end()]);
    return spans;
  };
}

function without(text: string, spans: readonly Span[]): string {
  let clean = "";
  let at = 0;
  for (const [from, to] of spans) {
    clean += `${text.slice(at, from)}${redactedMark}`;
    at = to;
  }
  return clean + text.slice(at);
}
