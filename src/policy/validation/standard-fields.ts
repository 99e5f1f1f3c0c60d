/** Fields that HTTP itself has, which no description lists. */
const standard: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "accept-ranges",
  "age",
  "allow",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-type",
  "cookie",
  "date",
  "etag",
  "expect",
  "expires",
  "host",
  "keep-alive",
  "last-modified",
  "origin",
  "pragma",
  "referer",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "vary",
  "via",
]);

/** @param name lower case */
export function isStandardField(name: string): boolean {
  return standard.has(name);
}
