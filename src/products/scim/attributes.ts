/** A resource, or a part of one, as JSON. */
export type ScimObject = Readonly<Record<string, unknown>>;

export function isScimObject(value: unknown): value is ScimObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names of attributes have no case. @see RFC 7643 §2.1 */
export function keyIn(object: ScimObject, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return Object.keys(object).find((key) => key.toLowerCase() === wanted);
}

export function valueIn(object: ScimObject, name: string): unknown {
  const key = keyIn(object, name);
  return key === undefined ? undefined : object[key];
}

/** Text of an attribute; undefined where there is none, or something else. */
export function textIn(object: ScimObject, name: string): string | undefined {
  const value = valueIn(object, name);
  return typeof value === "string" ? value : undefined;
}

/** Entra ID sends booleans as "True" and "False" at times. */
export function booleanIn(object: ScimObject, name: string): boolean | undefined {
  const value = valueIn(object, name);
  if (typeof value === "boolean") return value;
  const text = typeof value === "string" ? value.toLowerCase() : "";
  return text === "true" ? true : text === "false" ? false : undefined;
}

/** The primary value of a list such as `emails`, or its first. */
export function primaryIn(object: ScimObject, name: string): string | undefined {
  const list = valueIn(object, name);
  const items = Array.isArray(list) ? list.filter(isScimObject) : [];
  const chosen = items.find((item) => booleanIn(item, "primary") === true) ?? items[0];
  return chosen === undefined ? undefined : textIn(chosen, "value");
}
