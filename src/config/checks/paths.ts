import { parseTemplate } from "#notation/path-template.ts";
import type { Parsed } from "#config/shapes/text.ts";

/** The path an API is at: starts with `/`, no slash at its end, no parameters. */
export function parseApiPath(text: string): Parsed<string> {
  if (!text.startsWith("/")) return { problem: `${text} does not start with /`, fix: `write /${text}` };
  if (/[{}]/.test(text)) {
    return { problem: `${text}: an API's path has no parameters`, fix: "put them into the paths of its operations" };
  }
  // All of them: one that is left would become an empty segment in front of each operation's path.
  const parsed = parseTemplate(text.replace(/\/+$/, "") || "/");
  return "problem" in parsed ? parsed : { value: parsed.template };
}

/** The path of an active check: what is asked for as it stands. */
export function parseCheckPath(text: string): Parsed<string> {
  if (/^\/[\x21\x22\x24-\x7e]*$/.test(text)) return { value: text };
  return { problem: `${text} is not the path of a request`, fix: "write /healthz" };
}

/** Path of a cookie; a semicolon would begin another attribute. @see RFC 6265 §4.1.1 */
export function parseCookiePath(text: string): Parsed<string> {
  if (/^\/[\x21-\x3a\x3c-\x7e]*$/.test(text)) return { value: text };
  return { problem: `${text} is not the path of a cookie`, fix: "write / or /orders" };
}

/** A path that has one spelling only, so that it can be compared as it stands. */
export function parsePlainPath(text: string): Parsed<string> {
  if (/^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)+$/.test(text)) return { value: text };
  return {
    problem: `${text} is not a plain path`,
    fix: "write /.sallyport/auth: letters, digits and . _ ~ -, no slash at the end",
  };
}

/** What stands in front of every path of a backend. */
export function parseBasePath(text: string): Parsed<string> {
  if (/^\/[A-Za-z0-9._~!$&'()*+,=:@%/-]*$/.test(text)) return { value: text };
  return { problem: `${text} is not the path of a backend`, fix: "write / or /base" };
}
