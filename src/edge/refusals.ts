import { refuse, type Refusal } from "#model/decision.ts";

type RefusalName =
  | "version"
  | "methodUnknown"
  | "requestLine"
  | "late"
  | "behind"
  | "headerCount"
  | "headerBytes"
  | "coding"
  | "codingRepeated"
  | "codingOn10"
  | "bothLengths"
  | "length"
  | "expectation"
  | "method"
  | "asterisk"
  | "target"
  | "path"
  | "query"
  | "scheme"
  | "hostMissing"
  | "hostRepeated"
  | "hostInvalid"
  | "hostDiffers"
  | "misdirected"
  | "certificate"
  | "pseudo"
  | "connectionField"
  | "extendedConnect"
  | "pipelined"
  | "proxy";

const allowHeader = ["Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"];

/** The refusals of this room, made once: a flood of bad requests allocates nothing for its reasons. */
export const refusals: Readonly<Record<RefusalName, Refusal>> = {
  version: refuse("malformed-request", { status: 505, detail: "HTTP version is neither 1.0 nor 1.1" }),
  methodUnknown: refuse("malformed-request", { detail: "method is none of HTTP's" }),
  requestLine: refuse("malformed-request", { detail: "request line is not method, target and HTTP version" }),
  late: refuse("headers-timeout", { detail: "header fields did not arrive in time" }),
  behind: refuse("malformed-request", { detail: "bytes behind the last request of the connection" }),
  headerCount: refuse("headers-too-large", { detail: "too many header fields" }),
  headerBytes: refuse("headers-too-large", { detail: "header fields are too long" }),
  coding: refuse("transfer-coding-unknown", { detail: "transfer coding other than one chunked" }),
  codingRepeated: refuse("malformed-request", { detail: "chunked more than once" }),
  codingOn10: refuse("malformed-request", { detail: "Transfer-Encoding on HTTP/1.0" }),
  bothLengths: refuse("malformed-request", { detail: "Content-Length with Transfer-Encoding" }),
  length: refuse("malformed-request", { detail: "malformed or repeated Content-Length" }),
  expectation: refuse("malformed-request", { status: 417, detail: "Expect other than 100-continue" }),
  method: refuse("method-not-supported", { detail: "CONNECT or TRACE", headers: allowHeader }),
  asterisk: refuse("route-not-found", { detail: "asterisk target names no resource" }),
  target: refuse("malformed-path", { detail: "request target is no path" }),
  path: refuse("malformed-path", { detail: "path cannot be normalised" }),
  query: refuse("malformed-path", { detail: "query holds characters that no target may" }),
  scheme: refuse("malformed-request", { detail: "scheme is neither http nor https" }),
  hostMissing: refuse("malformed-host", { detail: "no Host" }),
  hostRepeated: refuse("malformed-host", { detail: "more than one Host" }),
  hostInvalid: refuse("malformed-host", { detail: "Host is not a valid host" }),
  hostDiffers: refuse("malformed-host", { detail: "Host differs from :authority" }),
  misdirected: refuse("misdirected-request", { detail: "host is not covered by the certificate of this connection" }),
  certificate: refuse("certificate-required", { detail: "no client certificate on this connection" }),
  pseudo: refuse("malformed-request", { detail: "pseudo-header missing, repeated or not known" }),
  connectionField: refuse("malformed-request", { detail: "connection-specific field in HTTP/2" }),
  extendedConnect: refuse("malformed-request", { detail: "extended CONNECT with a body's fields or no protocol" }),
  proxy: refuse("proxy-not-trusted", { detail: "the secret of the proxy in front is missing, repeated or wrong" }),
  pipelined: refuse("overloaded", { detail: "too many requests in flight on one connection" }),
};

/** @param problem what a reader of bytes found; a text of ours */
export function malformed(problem: string): Refusal {
  return refuse("malformed-request", { detail: `parser: ${problem}` });
}
