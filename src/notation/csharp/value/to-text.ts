/** Object.ToString() of a value; empty for null, as concatenation and formatting have it. */
export function toText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value instanceof Uint8Array) return "System.Byte[]";
  if (typeof value === "function") return "System.Delegate";
  return String(value as string);
}
