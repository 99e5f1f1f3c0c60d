import { isIP } from "node:net";
import type { FastCgiAddress } from "#model/handler.ts";
import type { Parsed } from "#config/shapes/text.ts";

const fix = "write unix:/run/php/php-fpm.sock or 127.0.0.1:9000";

/** `unix:` and an absolute path, or a host and a port. */
export function parseFastCgiAddress(text: string): Parsed<FastCgiAddress> {
  const path = /^unix:(?:\/\/)?(\/[^\0]{1,106})$/.exec(text)?.[1];
  if (path !== undefined) return { value: { path } };
  const [, bracketed, name, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]{1,253})):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? name;
  const valid = host !== undefined && (bracketed === undefined || isIP(bracketed) === 6);
  if (!valid || Number(port) < 1 || Number(port) > 65_535) {
    return { problem: `${text} is not the address of a FastCGI server`, fix };
  }
  return { value: { host, port: Number(port) } };
}

/** `.php`, in lower case. */
export function parseExtension(text: string): Parsed<string> {
  if (/^\.[A-Za-z0-9]{1,16}$/.test(text)) return { value: text.toLowerCase() };
  return { problem: `${text} is not an extension`, fix: "write .php" };
}
