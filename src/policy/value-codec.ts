import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { expressionFailed } from "./failure.ts";

/** Marks what JSON has no form for. A map of the policy's own cannot look like one: its members are wrapped. */
type Coded =
  | string
  | number
  | boolean
  | null
  | { readonly [kind in "int" | "bytes" | "time" | "list" | "map" | "response"]?: unknown };

/**
 * A value of an expression as text and back, with its type: integers of CEL are no numbers of JavaScript.
 * @throws GatewayError `expression-failed` for what cannot be kept (functions, types)
 */
export function encodeValue(value: unknown): string {
  return JSON.stringify(code(value));
}

export function decodeValue(text: string): unknown {
  return decode(JSON.parse(text) as Coded);
}

function code(value: unknown): Coded {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number") {
    return value;
  }
  if (typeof value === "bigint") return { int: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { time: value.getTime() };
  if (value instanceof ReceivedResponse) return { response: codeResponse(value) };
  if (Array.isArray(value)) return { list: value.map(code) };
  if (value instanceof Map) return { map: [...value].map(([name, member]) => [code(name), code(member)]) };
  if (typeof value === "object" && isPlain(value)) {
    return { map: Object.entries(value).map(([name, member]) => [name, code(member)]) };
  }
  throw expressionFailed("this value cannot be kept in the cache");
}

type CodedResponse = readonly [status: number, statusText: string, fields: string[], body: string];

function codeResponse({ status, statusText, headers, body }: ReceivedResponse): CodedResponse {
  return [status, statusText, headers.raw, Buffer.from(body).toString("base64")];
}

function decodeResponse([status, statusText, fields, body]: CodedResponse): ReceivedResponse {
  return new ReceivedResponse(status, statusText, new HeaderList(fields), Buffer.from(body, "base64"));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function decode(coded: Coded): unknown {
  if (coded === null || typeof coded !== "object") return coded;
  if (coded.int !== undefined) return BigInt(coded.int as string);
  if (coded.bytes !== undefined) return new Uint8Array(Buffer.from(coded.bytes as string, "base64"));
  if (coded.time !== undefined) return new Date(coded.time as number);
  if (coded.response !== undefined) return decodeResponse(coded.response as CodedResponse);
  if (coded.list !== undefined) return (coded.list as Coded[]).map(decode);
  return new Map((coded.map as [Coded, Coded][]).map(([name, member]) => [decode(name), decode(member)]));
}
