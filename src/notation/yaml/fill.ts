import type { SourcePosition } from "#model/diagnostic.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Reading } from "./reading.ts";

/** A name in double braces; anything else between them stays as it is written. */
export const placeholder: RegExp = /\{\{([A-Za-z0-9][A-Za-z0-9._-]{0,99})\}\}/g;
const onlyPlaceholder = /^\{\{([A-Za-z0-9][A-Za-z0-9._-]{0,99})\}\}$/;

export interface Filled {
  readonly value: string | number | boolean;
  /** The value as text, as it was written. */
  readonly text: string;
  readonly secret: boolean;
  /** A value of the environment is in it. */
  readonly filled: boolean;
}

/** What may be filled in: plain values only, or secrets too. */
export type Allowed = "plain" | "secret";

export function hasPlaceholder(text: string): boolean {
  return text.search(placeholder) >= 0;
}

/** The name, when the text is one `{{name}}` and nothing else. */
export function placeholderName(text: string): string | undefined {
  return onlyPlaceholder.exec(text)?.[1];
}

/**
 * Puts the environment's values into a text. A text that is one `{{name}}` takes the value with its type. What is
 * filled in is never looked at again: a value cannot bring in another value or an expression.
 */
export function fill(reading: Reading, text: string, at: SourcePosition, allowed: Allowed): Filled | undefined {
  if (!hasPlaceholder(text)) return { value: text, text, secret: false, filled: false };
  reading.fills?.set(fillKey(at), "value");
  const name = placeholderName(text);
  if (name !== undefined) return lookUp(reading, name, at, allowed);
  let secret = false;
  let failed = false;
  const whole = text.replace(placeholder, (_, part: string) => {
    const found = lookUp(reading, part, at, allowed);
    failed ||= found === undefined;
    secret ||= found?.secret === true;
    return found?.text ?? "";
  });
  return failed ? undefined : { value: whole, text: whole, secret, filled: true };
}

/** What was filled in there is read as a text. */
export function noteText({ fills }: Reading, at: SourcePosition): void {
  const key = fillKey(at);
  if (fills?.has(key) === true) fills.set(key, "text");
}

export function fillKey({ line, column }: SourcePosition): string {
  return `${line}:${column}`;
}

/** Reports the `{{name}}`s of a text that must hold none, because it is code. */
export function refusePlaceholders(reading: Reading, text: string, at: SourcePosition, where: string): boolean {
  if (!hasPlaceholder(text)) return false;
  reading.problems.error(
    "value-in-expression",
    at,
    `a {{value}} cannot stand in ${where}: environments differ in values, never in policies`,
    "put the value into a variable with set-variable and read variables.name here",
  );
  return true;
}

function lookUp(reading: Reading, name: string, at: SourcePosition, allowed: Allowed): Filled | undefined {
  const found = reading.values.find(name);
  if (reading.fixed !== undefined) {
    const message = `a {{value}} cannot stand in ${reading.fixed}: environments differ in values, never in policies`;
    reading.problems.error("value-in-policy", at, message, "write it out: it is the same in every environment");
    return undefined;
  }
  if (found === undefined) {
    const fix = suggestion(name, reading.values.names(), (known) => `{{${known}}}`);
    reading.problems.error(
      "value-unknown",
      at,
      `the environment has no value ${name}`,
      fix ?? `define ${name} under values of the environment`,
    );
    return undefined;
  }
  if (!found.secret) return { value: found.value, text: found.text, secret: false, filled: true };
  if (allowed === "secret") return { value: found.value, text: found.value, secret: true, filled: true };
  reading.problems.error(
    "secret-misplaced",
    at,
    `the value ${name} is a secret and would be shown here`,
    "secrets may fill arguments of policies and secret settings only",
  );
  return undefined;
}
