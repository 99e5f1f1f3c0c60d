/**
 * Fields that mean something in a response itself, or belong to its connection: a response cannot tell by them what a
 * request should hold. Lower case. @see RFC 9110 §7.6.1, §10.2, §11.7
 */
export const uncarriedFields: ReadonlySet<string> = new Set([
  "alt-svc",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "date",
  "host",
  "keep-alive",
  "location",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);
