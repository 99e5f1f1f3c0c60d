/**
 * Freezes plain objects, arrays and what maps hold, all the way down; shared parts are visited once. Instances of
 * other classes are left as they are. A map itself stays writable to whoever drops its read-only type: no engine
 * freezes a map's entries.
 */
export function deepFreeze<T>(value: T): T {
  freezeInto(value, new Set());
  return value;
}

function freezeInto(value: unknown, seen: Set<unknown>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Map) for (const member of value.values()) freezeInto(member, seen);
  else if (!isPlain(value)) return;
  else for (const member of Object.values(value)) freezeInto(member, seen);
  Object.freeze(value);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
