/** Only over TLS, never for a script, and not with another site's requests but when a person follows a link. */
const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";

/** @param maxAgeMs absent: until the browser closes */
export function setCookie(name: string, value: string, maxAgeMs?: number): readonly string[] {
  const age = maxAgeMs === undefined ? "" : `; Max-Age=${Math.floor(maxAgeMs / 1000)}`;
  return ["Set-Cookie", `${name}=${value}; ${attributes}${age}`];
}

export function dropCookie(name: string): readonly string[] {
  return ["Set-Cookie", `${name}=; ${attributes}; Max-Age=0`];
}
