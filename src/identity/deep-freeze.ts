/** Freezes a value that came from JSON, for it is shared by every request with the same token. Bounded by the parser's depth. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
