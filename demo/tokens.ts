import { createHash, randomBytes } from "node:crypto";
import { audience } from "./people.ts";

/** Client credentials of the service `billing`. @returns the access token */
export async function serviceToken(issuer: string, secret: string): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "orders.read", resource: audience });
  const basic = Buffer.from(`billing:${encodeURIComponent(secret)}`).toString("base64");
  return accessToken(
    await fetch(`${issuer}/token`, { method: "POST", body, headers: { authorization: `Basic ${basic}` } }),
  );
}

/** Logs a person in as a browser would (authorization code with PKCE, RFC 7636). @returns the access token */
export async function personToken(issuer: string, redirectUri: string, who: string): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const code = await authorize(issuer, redirectUri, who, createHash("sha256").update(verifier).digest("base64url"));
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: "console",
    redirect_uri: redirectUri,
    code_verifier: verifier,
    resource: audience,
    code,
  });
  return accessToken(await fetch(`${issuer}/token`, { method: "POST", body }));
}

/** Follows the provider's redirects by hand, keeping its cookies, until they leave for the redirect address. */
async function authorize(issuer: string, redirectUri: string, who: string, challenge: string): Promise<string> {
  const query = new URLSearchParams({
    client_id: "console",
    response_type: "code",
    scope: "openid orders.read",
    resource: audience,
    redirect_uri: redirectUri,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const cookies = new Map<string, string>();
  let url = `${issuer}/auth?${query}`;
  for (let hop = 0; hop < 8; hop += 1) {
    const isLogin = new URL(url).pathname.startsWith("/login/");
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(isLogin ? { method: "POST", body: new URLSearchParams({ who }) } : {}),
    });
    await response.arrayBuffer();
    keepCookies(cookies, response);
    const location = response.headers.get("location");
    if (location === null) throw new Error(`the provider answered ${response.status} to ${new URL(url).pathname}`);
    const next = new URL(location, url);
    if (next.href.startsWith(redirectUri)) return codeOf(next);
    url = next.href;
  }
  throw new Error("the provider redirects in a circle");
}

function keepCookies(cookies: Map<string, string>, response: Response): void {
  for (const cookie of response.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
    cookies.set(name, value);
  }
}

function codeOf(url: URL): string {
  const code = url.searchParams.get("code");
  if (code === null)
    throw new Error(`the provider refused: ${url.searchParams.get("error_description") ?? "no reason given"}`);
  return code;
}

async function accessToken(response: Response): Promise<string> {
  const answer = (await response.json()) as { access_token?: string; error?: string; error_description?: string };
  if (answer.access_token === undefined) throw new Error(`no token: ${answer.error} ${answer.error_description ?? ""}`);
  return answer.access_token;
}
