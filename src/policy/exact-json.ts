import { expressionFailed } from "./failure.ts";

/** Numbers that a double cannot hold, or writes otherwise: long ones, trailing zeros, exponents. */
const inexact = /\d{16}|\.\d*0[\s,\]}]|\d[eE]/;

/**
 * JSON whose numbers keep their text: one that would be written otherwise is a `JSON.rawJSON`.
 * @throws GatewayError `expression-failed` for what is no JSON
 */
export function parseExactJson(text: string): unknown {
  try {
    return inexact.test(text) ? parseWithSource(text, keepNumber) : JSON.parse(text);
  } catch {
    throw expressionFailed("the body is no JSON");
  }
}

function keepNumber(_name: string, value: unknown, context: { readonly source?: string }): unknown {
  const { source } = context;
  return typeof value === "number" && source !== undefined && String(value) !== source ? rawJson(source) : value;
}

type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown;

/** Not in TypeScript's library yet. @see ECMA-262, JSON.parse, JSON.rawJSON */
const parseWithSource = JSON.parse as unknown as (text: string, reviver: Reviver) => unknown;
const { rawJSON: rawJson, isRawJSON: isRawJson } = JSON as unknown as {
  readonly rawJSON: (text: string) => object;
  readonly isRawJSON: (value: unknown) => boolean;
};

/** The text of a number that was kept; undefined for everything else. */
export function keptNumber(value: unknown): string | undefined {
  return isRawJson(value) ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}
