import { readJson } from "#notation/csharp/json/read.ts";
import { JArray, JObject, type JToken, JValue } from "#notation/csharp/json/token.ts";
import { writeJson } from "#notation/csharp/json/write.ts";
import { rawNumber } from "#notation/csharp/type/numeric.ts";
import { DateTime, kinds, ticksOfUnix } from "#notation/csharp/value/date-time.ts";
import { NetException } from "#notation/csharp/value/net-exception.ts";
import type { NetObject } from "#notation/csharp/value/net-object.ts";
import { toText } from "#notation/csharp/value/to-text.ts";
import { ListsView } from "./views.ts";

const maxLength = 65_536;

/** A token that has been read; nothing about it has been verified. */
export class Jwt implements NetObject {
  readonly netType = "Jwt";
  readonly header: JObject;
  readonly payload: JObject;
  readonly #text: string;

  constructor(header: JObject, payload: JObject, text: string) {
    this.header = header;
    this.payload = payload;
    this.#text = text;
  }

  text(name: string, from: JObject = this.payload): string | null {
    const token = from.find(name);
    return token === undefined || isNull(token) ? null : claimText(token);
  }

  date(name: string): DateTime | null {
    const token = this.payload.find(name);
    const raw = token instanceof JValue ? rawNumber(token.value) : undefined;
    if (raw === undefined || typeof raw === "object" || Math.abs(Number(raw)) > 2.5e11) return null;
    return new DateTime(ticksOfUnix(Number(raw) * 1000), kinds.utc);
  }

  get audiences(): readonly string[] {
    const token = this.payload.find("aud");
    return token === undefined ? [] : listOf(token);
  }

  /** Each claim as texts: an array's items one by one, an object as JSON. */
  get claims(): ListsView {
    return new ListsView(new Map(this.payload.properties().map(({ name, value }) => [name, listOf(value)])), false);
  }

  toString(): string {
    return this.#text;
  }
}

function isNull(token: JToken): boolean {
  return token instanceof JValue && token.value === null;
}

function listOf(token: JToken): readonly string[] {
  return token instanceof JArray ? token.items.map(claimText) : [claimText(token)];
}

function claimText(token: JToken): string {
  if (!(token instanceof JValue)) return writeJson(token, false);
  if (typeof token.value === "boolean") return token.value ? "true" : "false";
  return toText(token.value);
}

/** Reads `header.payload.signature`, with or without "Bearer " in front; null for what is no JWT. */
export function readJwt(given: string | null): Jwt | null {
  if (given === null || given.length > maxLength) return null;
  const text = given.replace(/^\s*bearer\s+/i, "").trim();
  const parts = text.split(".");
  if (parts.length !== 3) return null;
  const header = part(parts[0] ?? "");
  const payload = part(parts[1] ?? "");
  return header === null || payload === null ? null : new Jwt(header, payload, text);
}

function part(text: string): JObject | null {
  if (!/^[\w-]+$/.test(text)) return null;
  try {
    // Dates in claims are texts: a token's times are numbers.
    const token = readJson(Buffer.from(text, "base64url").toString("utf8"), { parsesDates: false });
    return token instanceof JObject ? token : null;
  } catch (error) {
    if (error instanceof NetException) return null;
    throw error;
  }
}
