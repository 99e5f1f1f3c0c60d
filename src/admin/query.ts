import { type AdminRefusal, refusal } from "./result.ts";

export interface QueryParameter {
  readonly pattern: string;
  readonly about: string;
}

/** Reads a query whose every parameter is known, well-formed and there once. */
export function readQuery(
  text: string,
  known: Readonly<Record<string, QueryParameter>>,
): ReadonlyMap<string, string> | AdminRefusal {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined || found.has(name) || !new RegExp(parameter.pattern, "u").test(value)) {
      const detail = `the query parameter ${JSON.stringify(name.slice(0, 40))} is unknown, repeated or malformed`;
      return refusal("malformed-request", { message: `The request is malformed: ${detail}.`, detail });
    }
    found.set(name, value);
  }
  return found;
}
