const prefixLength = "bearer ".length;

/**
 * The token of `Authorization: Bearer <token>`; the scheme in any case.
 * @returns undefined for another scheme, which is not ours to judge; empty when the scheme stands alone
 * @see RFC 6750 §2.1, RFC 9110 §11.1
 */
export function bearerToken(authorization: string): string | undefined {
  const scheme = authorization.slice(0, prefixLength);
  if (scheme !== "Bearer " && scheme.toLowerCase() !== "bearer ") {
    return authorization.toLowerCase() === "bearer" ? "" : undefined;
  }
  return authorization.slice(prefixLength).trim();
}
