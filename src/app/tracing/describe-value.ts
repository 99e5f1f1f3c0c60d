import { ReceivedResponse } from "#model/received-response.ts";
import { isNetObject } from "#notation/csharp/value/net-object.ts";
import { toText } from "#notation/csharp/value/to-text.ts";

const longest = 400;

/** The value of an expression or a variable, for a person: one line, its type visible where texts could be confused. */
export function describeValue(value: unknown): string {
  const text = describe(value).replaceAll(/\s*\n\s*/g, " ");
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (value instanceof Uint8Array) return `byte[${value.length}]`;
  if (value instanceof ReceivedResponse) return `IResponse ${value.status}`;
  if (isNetObject(value)) return `${value.netType} ${toText(value)}`;
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  if (Object.getPrototypeOf(value) === Object.prototype) return JSON.stringify(value);
  return toText(value);
}
