import { unusable } from "./problem.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws GatewayError `certificate-unavailable` when the text is no JSON object */
export function parseObject(text: string, what: string): JsonObject {
  const value = tryParse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw unusable(`the authority's ${what} is no JSON object`);
}

export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @throws GatewayError `certificate-unavailable` when the member is no text */
export function textOf(object: JsonObject, name: string, what: string): string {
  const value = object[name];
  if (typeof value === "string" && value !== "") return value;
  throw unusable(`the authority's ${what} has no ${name}`);
}

export function optionalText(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}

/** At most 100 of them: no order of ours has more. @throws GatewayError `certificate-unavailable` */
export function textsOf(object: JsonObject, name: string, what: string): readonly string[] {
  const value = object[name];
  if (Array.isArray(value) && value.length <= 100 && value.every((item) => typeof item === "string")) return value;
  throw unusable(`the authority's ${what} has no ${name}`);
}
