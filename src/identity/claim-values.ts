import { isObject } from "./strict-json.ts";

export type Claims = Readonly<Record<string, unknown>>;

/**
 * A claim by name or dotted path. A name as a whole comes first, at each step, because names such as
 * `https://example.com/groups` and `kubernetes.io` hold dots themselves. Own members only: `constructor` is no claim.
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const name = path.slice(0, dot);
    const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
    const found = isObject(value) ? claimAt(value, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A non-empty string, or undefined. */
export function textAt(claims: Claims, path: string): string | undefined {
  const value = claimAt(claims, path);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The strings of a list, or one string as a list of one. Anything else in the list is left out. */
export function listAt(claims: Claims, path: string): readonly string[] {
  const value = claimAt(claims, path);
  if (typeof value === "string") return Object.freeze(value === "" ? [] : [value]);
  if (!Array.isArray(value)) return noStrings;
  return Object.freeze(value.filter((item): item is string => typeof item === "string" && item !== ""));
}

/** The first of several claims that is a non-empty string. */
export function firstText(claims: Claims, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = textAt(claims, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

export const noStrings: readonly string[] = Object.freeze([]);
