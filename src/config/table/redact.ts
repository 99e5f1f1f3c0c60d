import { RE2JS } from "re2js";
import type { Parsed } from "#config/shapes/text.ts";

const longest = 512;

export function parseTextPattern(text: string): Parsed<string> {
  if (text === "card-number" || text === "email") return { value: text };
  const fix = "write card-number, email, or an expression in RE2's notation";
  if (text === "" || text.length > longest) return { problem: `a pattern has 1 to ${longest} characters`, fix };
  try {
    const compiled = RE2JS.compile(text);
    if (compiled.matches("")) return { problem: "the pattern matches nothing at all, so it matches everywhere", fix };
    return { value: text };
  } catch (error) {
    return { problem: `the pattern is no RE2 expression: ${error instanceof Error ? error.message : ""}`, fix };
  }
}

export function parseBodyRule(text: string): Parsed<string> {
  const parts = text.split(".");
  const isSound = parts.every((part) => part !== "") && parts.at(-1) !== "**";
  const fix = "write names with dots between them: card.number, items.*.secret, **.password";
  return isSound && text.length <= longest ? { value: text } : { problem: "this is no path in a body", fix };
}
