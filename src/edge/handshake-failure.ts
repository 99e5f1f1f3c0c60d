import type { ConnectionEnd } from "#model/connection-ends.ts";

/** Codes of OpenSSL by which the other side says that it does not go on, most often because of the certificate. */
const alert = /^ERR_SSL_(?:TLSV1|SSLV3|TLSV13)_ALERT_/;
const noHandshake: ReadonlySet<string> = new Set([
  "ERR_SSL_HTTP_REQUEST",
  "ERR_SSL_HTTPS_PROXY_REQUEST",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_RECORD_LAYER_FAILURE",
  "ERR_SSL_UNEXPECTED_MESSAGE",
  "ERR_SSL_BAD_RECORD_TYPE",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_LENGTH_MISMATCH",
  "ERR_SSL_DECODE_ERROR",
  "ERR_SSL_BAD_EXTENSION",
]);

/** What a handshake ended with. Null: the connection was opened and closed, as health checks do, and nothing was said. */
export function handshakeEnd(error: NodeJS.ErrnoException, bytes: number): ConnectionEnd | null {
  const { code = "" } = error;
  if (bytes === 0) return code === "ERR_TLS_HANDSHAKE_TIMEOUT" ? "tls-timeout" : null;
  if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") return "tls-timeout";
  if (code === "ERR_SSL_NO_APPLICATION_PROTOCOL") return "tls-protocol";
  if (isDeclined(code)) return "tls-certificate-declined";
  if (noHandshake.has(code)) return "tls-malformed";
  return code.startsWith("ERR_SSL_") ? "tls-unsupported" : "client-gone";
}

/** A client that says so after the handshake, as TLS 1.3 has it, or within. */
export function isDeclined(code: string): boolean {
  return alert.test(code);
}
