import { Buffer } from "node:buffer";
import { STATUS_CODES } from "node:http";
import { refuse, type Refusal } from "#model/decision.ts";
import { problemBody, problemHeaders, statusOf } from "./problem-body.ts";

/** What a parse error becomes. */
export interface ParseFailure {
  readonly refusal: Refusal;
  /** Whether an answer makes sense: bytes behind the last request of a connection get none. */
  readonly answer: boolean;
}

const overflow: ParseFailure = {
  refusal: refuse("headers-too-large", { detail: "header fields are too long" }),
  answer: true,
};
const late: ParseFailure = {
  refusal: refuse("headers-timeout", { detail: "header fields did not arrive in time" }),
  answer: true,
};
const coding: ParseFailure = {
  refusal: refuse("transfer-coding-unknown", { detail: "transfer coding other than chunked" }),
  answer: true,
};
const behind: ParseFailure = {
  refusal: refuse("malformed-request", { detail: "bytes behind the last request of the connection" }),
  answer: false,
};

/** Null for failures of the transport, which nobody can be told about. */
export function parseFailureOf(error: NodeJS.ErrnoException & { readonly reason?: string }): ParseFailure | null {
  const code = error.code ?? "";
  if (code === "HPE_HEADER_OVERFLOW") return overflow;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return late;
  if (code === "HPE_CLOSED_CONNECTION") return behind;
  // The peer ended in the middle of a message.
  if (code === "HPE_INVALID_EOF_STATE" || !code.startsWith("HPE_")) return null;
  if (code === "HPE_INVALID_TRANSFER_ENCODING" && error.reason?.startsWith("Request has invalid")) return coding;
  return { refusal: refuse("malformed-request", { detail: `parser: ${code}` }), answer: true };
}

/** A whole HTTP/1.1 response as bytes, for a connection whose parser is of no more use. */
export function rawProblem(refusal: Refusal, id: string): { readonly bytes: Buffer; readonly bodyBytes: number } {
  const status = statusOf(refusal);
  const body = problemBody(refusal, id);
  const fields = problemHeaders(refusal, id);
  fields.push("Content-Length", String(body.byteLength), "Date", new Date().toUTCString(), "Connection", "close");
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\n`;
  for (let at = 0; at < fields.length; at += 2) head += `${fields[at]}: ${fields[at + 1]}\r\n`;
  return { bytes: Buffer.concat([Buffer.from(`${head}\r\n`, "latin1"), body]), bodyBytes: body.byteLength };
}
