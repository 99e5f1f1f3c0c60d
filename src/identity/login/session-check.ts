import type { Provider } from "#model/definition.ts";
import type { Clock } from "#model/ports.ts";
import type { OidcClient } from "./oidc-client.ts";
import { type AskedPlace, type ProviderTrouble, providerTrouble } from "./provider-trouble.ts";
import { isDecidedByToken, type SessionContent, withTokens, withUserInfo } from "./session-content.ts";

export interface CheckedSession {
  readonly content: SessionContent;
  /** What the provider gave as far as it came: a refresh token that was used up must be replaced even if the rest failed. */
  readonly trouble: ProviderTrouble | null;
}

export interface CheckPorts {
  readonly client: OidcClient;
  readonly mapping: Provider;
  readonly clock: Clock;
  /** An access token that ends within this time is refreshed before. Milliseconds. */
  readonly aheadMs: number;
}

/**
 * Asks the provider what it says of a person now: by their access token at the userinfo endpoint, and by a refresh where
 * the token ends soon, or where only another token tells of a change.
 */
export async function checkSession(content: SessionContent, ports: CheckPorts): Promise<CheckedSession> {
  const { client, mapping, clock, aheadMs } = ports;
  const endsSoon = content.accessEndsAt !== null && content.accessEndsAt - clock.now() <= aheadMs;
  const mustRefresh = endsSoon || !client.hasUserInfo || isDecidedByToken(content, mapping);
  const refreshed = mustRefresh ? await refresh(content, ports) : { content, trouble: null };
  if (refreshed.trouble !== null || !client.hasUserInfo) return refreshed;
  const told = await askUserInfo(refreshed.content, ports);
  // An access token may be taken back alone. Whoever has a refresh token has another word, if it is a yes.
  if (told.trouble?.kind !== "gone" || mustRefresh || content.refreshToken === null) return told;
  const again = await refresh(content, ports);
  return again.trouble === null ? askUserInfo(again.content, ports) : { content: again.content, trouble: told.trouble };
}

async function refresh(content: SessionContent, { client, clock }: CheckPorts): Promise<CheckedSession> {
  const { refreshToken, tokenClaims } = content;
  // Without one there is nothing to ask; the session ends with its access token.
  if (refreshToken === null) return { content, trouble: null };
  return attempt(content, "token", async () =>
    withTokens(content, await client.refresh(refreshToken, String(tokenClaims["sub"])), clock.now()),
  );
}

function askUserInfo(content: SessionContent, { client }: CheckPorts): Promise<CheckedSession> {
  const { accessToken, tokenClaims } = content;
  return attempt(content, "userinfo", async () =>
    withUserInfo(content, await client.userInfo(accessToken, String(tokenClaims["sub"]))),
  );
}

async function attempt(
  content: SessionContent,
  place: AskedPlace,
  ask: () => Promise<SessionContent>,
): Promise<CheckedSession> {
  try {
    return { content: await ask(), trouble: null };
  } catch (error) {
    return { content, trouble: providerTrouble(error, place) };
  }
}
