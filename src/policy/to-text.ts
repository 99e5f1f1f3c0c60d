import { Buffer } from "node:buffer";
import { isNetObject } from "#notation/csharp/value/net-object.ts";
import { toText as csharpText } from "#notation/csharp/value/to-text.ts";
import { expressionFailed } from "./failure.ts";

/**
 * Text of a value that an expression gave: null is empty as in API Management, integers and booleans as CEL writes
 * them, timestamps in ISO 8601, bytes as UTF-8, lists and maps as JSON.
 * @throws GatewayError `expression-failed` for what has no text
 */
export function toText(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "bigint":
    case "number":
    case "boolean":
      return String(value);
    case "object":
      return objectText(value);
    default:
      throw expressionFailed(`a ${typeof value} has no text`);
  }
}

function objectText(value: object | null): string {
  if (value === null) return "";
  if (isNetObject(value)) return csharpText(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
  if (Array.isArray(value) || value instanceof Map || isPlain(value)) return JSON.stringify(value, jsonMember);
  throw expressionFailed("this object has no text");
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function jsonMember(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Map ? Object.fromEntries(value) : value;
}
