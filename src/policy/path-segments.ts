import { expressionFailed } from "./failure.ts";

/**
 * A name as one segment of a path of a service: what a client may have chosen must not lead elsewhere there.
 * @throws GatewayError `expression-failed`
 */
export function segment(text: string, what: string): string {
  if (text === "" || text === "." || text === ".." || !text.isWellFormed()) {
    throw expressionFailed(`${what} is no name`);
  }
  return encodeURIComponent(text);
}

/** Several, with slashes between them that stay. */
export function segments(text: string, what: string): string {
  return text
    .split("/")
    .map((part) => segment(part, what))
    .join("/");
}
