import { RE2JS } from "re2js";
import { redactedMark, type Redacted } from "#model/redaction.ts";
import { findCardNumbers, type Span } from "./find-card-numbers.ts";
import { findEmails } from "./find-emails.ts";

type Find = (text: string) => readonly Span[];

const known: Readonly<Record<string, Find>> = { "card-number": findCardNumbers, email: findEmails };

/**
 * What is looked for in texts. Clients choose the texts: every search takes time that is linear in them.
 * @throws when an expression is none: the definition was checked for that
 */
export function linkPatterns(patterns: readonly string[]): (text: string) => Redacted {
  const finds = patterns.map((pattern) => known[pattern] ?? findExpression(pattern));
  return (text) => {
    let clean = text;
    let count = 0;
    for (const find of finds) {
      const spans = find(clean);
      if (spans.length === 0) continue;
      clean = without(clean, spans);
      count += spans.length;
    }
    return { text: clean, count };
  };
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
