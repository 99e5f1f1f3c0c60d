import { readJson } from "#notation/csharp/json/read.ts";
import { JObject } from "#notation/csharp/json/token.ts";

/** Claims as they were verified, as the payload of a token. */
export function objectOfClaims(claims: Readonly<Record<string, unknown>>): JObject {
  const read = readJson(JSON.stringify(claims), { parsesDates: false });
  return read instanceof JObject ? read : new JObject();
}
