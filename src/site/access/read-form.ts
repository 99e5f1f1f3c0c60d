import { Buffer } from "node:buffer";
import type { SiteRequest } from "#model/site.ts";

const form = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** Fields of a form, each once; null for what is no form of ours. */
export function readForm({ headers, body }: SiteRequest): ReadonlyMap<string, string> | null {
  if (!form.test(headers["content-type"] ?? "")) return null;
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString("utf8"))) {
    if (fields.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
}
