import type { GatewayError } from "#model/errors.ts";
import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { ResponseView } from "#notation/csharp/context/views.ts";
import { isNetObject, type NetObject } from "#notation/csharp/value/net-object.ts";
import { expressionFailed } from "./failure.ts";
import { type CodedNet, codeNet, decodeNet } from "./net-codec.ts";

/** Marks what JSON has no form for. A map of the policy's own cannot look like one: its members are wrapped. */
type Coded =
  | string
  | number
  | boolean
  | null
  | { readonly [kind in "int" | "bytes" | "time" | "list" | "map" | "response" | "net"]?: unknown };

/** A list may hold itself. */
const maxDepth = 64;

/**
 * A value of an expression as text and back, with its type: integers of CEL are no numbers of JavaScript, and what C#
 * has made stays what it is there (a JObject, a dictionary, an XElement, a response).
 * @throws GatewayError `expression-failed` for what cannot be kept (functions, types)
 */
export function encodeValue(value: unknown): string {
  return JSON.stringify(code(value, 0));
}

export function decodeValue(text: string): unknown {
  return decode(JSON.parse(text) as Coded);
}

function code(value: unknown, depth: number): Coded {
  if (depth > maxDepth) throw notKept();
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number") {
    return value;
  }
  const inner = (member: unknown): Coded => code(member, depth + 1);
  if (typeof value === "bigint") return { int: String(value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { time: value.getTime() };
  if (value instanceof ReceivedResponse) return { response: codeResponse(value) };
  if (value instanceof ResponseView) return { response: codeResponse(givenOut(value)) };
  if (isNetObject(value)) return { net: codeObject(value, inner) };
  if (Array.isArray(value)) return { list: value.map(inner) };
  if (value instanceof Map) return { map: [...value].map(([name, member]) => [inner(name), inner(member)]) };
  if (typeof value === "object" && isPlain(value)) {
    return { map: Object.entries(value).map(([name, member]) => [name, inner(member)]) };
  }
  throw notKept();
}

function notKept(): GatewayError {
  return expressionFailed("this value cannot be kept in the cache");
}

/** What writing it says against it (too large, too deep) may quote it. */
function codeObject(value: NetObject, inner: (member: unknown) => Coded): CodedNet {
  let coded: CodedNet | undefined;
  try {
    coded = codeNet(value, inner);
  } catch {
    throw notKept();
  }
  if (coded === undefined) throw notKept();
  return coded;
}

/** A response in the hands of C#, whose body nobody has taken yet. */
function givenOut({ response }: ResponseView): ReceivedResponse {
  const fields = [...response.headers.names()].flatMap((name) =>
    response.headers.values(name).flatMap((value) => [name, value]),
  );
  try {
    const body = response.body?.bytes() ?? new Uint8Array();
    return new ReceivedResponse(response.statusCode, response.statusReason, new HeaderList(fields), body);
  } catch {
    throw notKept();
  }
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
  if (coded.net !== undefined) return decodeNet(coded.net as CodedNet, (member) => decode(member as Coded));
  if (coded.list !== undefined) return (coded.list as Coded[]).map(decode);
  return new Map((coded.map as [Coded, Coded][]).map(([name, member]) => [decode(name), decode(member)]));
}
