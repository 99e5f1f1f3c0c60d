import { expressionFailed } from "#policy/failure.ts";

/**
 * A name as one segment of a path of the sidecar: what a client may have chosen must not lead to another of its APIs.
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
