/** Escapes what RE2 takes for its own. */
export function literalPattern(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, "\\$&");
}

/** Characters of a path that a URL writes encoded: what is matched here is the path as it is forwarded. */
export function encodedPath(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, (one) => encodeURIComponent(one));
}
