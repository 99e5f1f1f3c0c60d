import { hash } from "node:crypto";
import type { Definition } from "#model/definition.ts";
import { Secret } from "#model/secret.ts";

/**
 * SHA-256 of what the definition says, hex: the same on every machine and for every spelling of the same content.
 * Where things stand in the files does not count. A secret counts by its origin only: the hash stands in every audit
 * record, and a short secret could be guessed from it.
 */
export function hashDefinition(definition: Definition): string {
  return hash("sha256", canonicalJson({ ...definition, files: undefined, usesVault: undefined }), "hex");
}

/** JSON with sorted keys, without positions and without what is undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (value instanceof Secret) return `{"secret":${JSON.stringify(value.origin)}}`;
  return `{${members(value)}}`;
}

function members(value: object): string {
  const secret = isSecretMark(value);
  let text = "";
  for (const key of Object.keys(value).toSorted()) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (!countsIn(key, member)) continue;
    const written = secret && (key === "value" || key === "source") ? "null" : canonicalJson(member);
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${written}`;
  }
  return text;
}

/** A policy's argument may be called `at` as well: a position is known by its shape, which no argument has. */
export function countsIn(key: string, member: unknown): boolean {
  if (member === undefined) return false;
  return key !== "at" || typeof member !== "object" || member === null || !("file" in member) || "kind" in member;
}

/** A literal, or an expression with a secret in its source. */
export function isSecretMark(value: object): boolean {
  return "secret" in value && value.secret === true;
}
