import { Buffer } from "node:buffer";
import { STATUS_CODES } from "#lib/node-http.ts";

/** A message as REST clients write it in `.http` files: a first line, header fields, a blank line, a body. */
export interface WrittenRequest {
  readonly method: string;
  /** Absolute, or from its path on. */
  readonly target: string;
  /** Flat `[name, value, …]`. */
  readonly headers: readonly string[];
  /** Null: none. */
  readonly body: Uint8Array | null;
}

export interface WrittenResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: Uint8Array | null;
}

export class HttpFileProblem extends Error {}

const requestLine = /^(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]+)?((?:https?:\/\/|\/)\S*)(?:[ \t]+HTTP\/\d(?:\.\d)?)?$/i;
const statusLine = /^HTTP\/\d(?:\.\d)?[ \t]+([1-5]\d\d)(?:[ \t]+(.*))?$/i;

/**
 * The first request of a file; a `###` line begins another one, which is left alone. Lines that begin with `#` or `//`
 * before the request are comments.
 * @throws HttpFileProblem which line is wrong
 */
export function parseRequest(text: string): WrittenRequest {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const first = lines.findIndex((line) => line.trim() !== "" && !/^(?:#|\/\/)/.test(line));
  const [, method = "GET", target] = requestLine.exec((lines[first] ?? "").trim()) ?? [];
  if (target === undefined) throw problem(Math.max(first, 0), "a method and a URL are due, such as GET /orders/7");
  const end = lines.findIndex((line, at) => at > first && line.startsWith("###"));
  const { headers, body } = readRest(end < 0 ? lines : lines.slice(0, end), first + 1, end >= 0);
  return { method: method.toUpperCase(), target, headers, body };
}

/** @throws HttpFileProblem which line is wrong */
export function parseResponse(text: string): WrittenResponse {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const [, code, reason] = statusLine.exec((lines[0] ?? "").trim()) ?? [];
  if (code === undefined) throw problem(0, "a status line is due, such as HTTP/1.1 200 OK");
  const status = Number(code);
  return { status, reason: reason ?? STATUS_CODES[status] ?? "", ...readRest(lines, 1, false) };
}

function readRest(
  lines: readonly string[],
  from: number,
  isCut: boolean,
): { readonly headers: readonly string[]; readonly body: Uint8Array | null } {
  const headers: string[] = [];
  let at = from;
  for (; at < lines.length && lines[at]?.trim() !== ""; at += 1) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(lines[at] ?? "") ?? [];
    if (name === undefined || value === undefined)
      throw problem(at, "a header field is due, such as Accept: text/plain");
    headers.push(name, value);
  }
  const text = lines.slice(at + 1).join("\n");
  const body = isCut ? text.replace(/\n+$/, "") : text.replace(/\n$/, "");
  return { headers, body: body === "" ? null : Buffer.from(body) };
}

function problem(line: number, message: string): HttpFileProblem {
  return new HttpFileProblem(`line ${line + 1}: ${message}`);
}
