import { Buffer } from "node:buffer";

/** As many as a principal may have. */
const maxActors = 8;
const maxText = 200;

/**
 * Who acts by a token that an authorization server gave, outermost first, for the record. The token is for somebody
 * else, so it is not verified, and what is no JWT names nobody.
 * @see RFC 8693 §4.1
 */
export function actorsIn(token: string): readonly string[] {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return [];
  const found: string[] = [];
  let act = memberOf(parse(payload), "act");
  while (act !== undefined && found.length < maxActors) {
    const subject = memberOf(act, "sub") ?? memberOf(act, "client_id");
    found.push(typeof subject === "string" ? subject.slice(0, maxText) : "?");
    act = memberOf(act, "act");
  }
  return found;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
