import * as oauth from "oauth4webapi";
import type { ClientAuth, CustomFetch } from "openid-client";
import { parseClaims, parseCompact } from "#identity/compact.ts";

/** A provider of many tenants says who somebody is in the name of their tenant, and this one is not listed. */
export class OtherTenantError extends Error {
  override readonly name = "OtherTenantError";
}

/** What a code is redeemed with. */
export interface CodeExchange {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly auth: ClientAuth;
  readonly fetch: CustomFetch;
  readonly allowHttp: boolean;
}

export interface ExpectedLogin {
  readonly state: string;
  readonly verifier: string;
}

/** What the provider of all tenants gave, and in whose name. Nothing of it has been verified but state and `iss` (RFC 9207). */
export interface Redeemed {
  readonly response: Response;
  readonly issuer: string;
}

/**
 * Redeems a code at a provider of many tenants. Which of them the person is of is told by the ID token alone, or by `iss`
 * besides it; the client of that tenant then checks all of it, with that tenant's keys.
 *
 * @param back the redirect address with what the provider has put behind it
 * @param isListed whether this is the issuer of a tenant whose people may log in
 * @throws OtherTenantError; errors of the library and of the fetch
 */
export async function redeemCode(
  back: URL,
  { state, verifier }: ExpectedLogin,
  { server, client, auth, fetch, allowHttp }: CodeExchange,
  isListed: (issuer: string) => boolean,
): Promise<Redeemed> {
  const said = back.searchParams.getAll("iss");
  const named = said[0] ?? server.issuer;
  if (said.length > 0 && !isListed(named)) throw new OtherTenantError("iss of the answer");
  const answering = { ...server, issuer: named };
  const parameters = oauth.validateAuthResponse(answering, client, back.searchParams, state);
  const redirectUri = new URL(back);
  redirectUri.search = "";
  redirectUri.hash = "";
  const response = await oauth.authorizationCodeGrantRequest(
    answering,
    client,
    auth,
    parameters,
    redirectUri.href,
    verifier,
    { [oauth.customFetch]: fetch, [oauth.allowInsecureRequests]: allowHttp },
  );
  const issuer = await issuerIn(response.clone());
  // An answer without an ID token is an error, which the library tells whoever's client looks at it.
  if (issuer === undefined) return { response, issuer: named };
  if (!isListed(issuer)) throw new OtherTenantError("iss of the ID token");
  if (said.length > 0 && issuer !== named) throw new OtherTenantError("iss of the answer is another one's");
  return { response, issuer };
}

/** Errors as the library has them for every other answer. */
export async function finishExchange(
  { server, client, fetch, allowHttp }: CodeExchange,
  response: Response,
  nonce: string,
): Promise<oauth.TokenEndpointResponse> {
  const options = { expectedNonce: nonce, requireIdToken: true };
  const answer = await oauth.processAuthorizationCodeResponse(server, client, response, options);
  await oauth.validateApplicationLevelSignature(server, response, {
    [oauth.customFetch]: fetch,
    [oauth.allowInsecureRequests]: allowHttp,
  });
  return answer;
}

/** Not verified: it only says whose client verifies. */
async function issuerIn(response: Response): Promise<string | undefined> {
  const answer: unknown = await response.json().catch(() => undefined);
  const text = typeof answer === "object" && answer !== null ? (answer as { id_token?: unknown }).id_token : undefined;
  const token = typeof text === "string" ? parseCompact(text) : undefined;
  const claims = token?.ok === true ? parseClaims(token) : undefined;
  return typeof claims?.["iss"] === "string" ? claims["iss"] : undefined;
}
