/**
 * The token of `Authorization: <scheme> <token>`; the scheme in any case.
 * @param scheme with the space behind it
 * @returns undefined for another scheme, which is not ours to judge; empty when the scheme stands alone
 * @see RFC 6750 §2.1, RFC 9449 §7.1, RFC 9110 §11.1
 */
export function schemeToken(authorization: string, scheme: "Bearer " | "DPoP "): string | undefined {
  const said = authorization.slice(0, scheme.length);
  if (said !== scheme && said.toLowerCase() !== scheme.toLowerCase()) {
    return authorization.toLowerCase() === scheme.trim().toLowerCase() ? "" : undefined;
  }
  return authorization.slice(scheme.length).trim();
}

/** The token behind either scheme. */
export function presentedToken(authorization: string): string | undefined {
  return schemeToken(authorization, "Bearer ") ?? schemeToken(authorization, "DPoP ");
}
