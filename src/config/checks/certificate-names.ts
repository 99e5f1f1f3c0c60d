import type { Parsed } from "#config/shapes/text.ts";
import { parseHost } from "./host.ts";
import { parseNetwork } from "./words.ts";

/** A host name, `*.name` for one label below it, `**.name` for any number, an address or a CIDR range. */
export function parseAllowedName(text: string): Parsed<string> {
  const network = parseNetwork(text);
  if ("value" in network) return network;
  const deep = text.startsWith("**.");
  const host = parseHost(deep ? text.slice(1) : text);
  if ("problem" in host) return { ...host, fix: "write a.example.com, *.example.com, **.example.com or 10.0.0.0/8" };
  return { value: deep ? `*${host.value}` : host.value };
}

/** @see https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md §2 */
export function parseSpiffeId(text: string): Parsed<string> {
  const isId = /^spiffe:\/\/[a-z0-9._-]{1,255}(\/[A-Za-z0-9._-]+)+$/.test(text) && text.length <= 2048;
  const hasDots = /\/\.{1,2}(\/|$)/.test(text);
  if (isId && !hasDots) return { value: text };
  return { problem: `${text} is not a SPIFFE ID`, fix: "write spiffe://example.org/orders" };
}
