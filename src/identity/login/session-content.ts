import { Buffer } from "node:buffer";
import { claimAt, type Claims } from "#identity/claim-values.ts";
import type { Provider } from "#model/definition.ts";
import type { Sealer } from "#model/ports.ts";
import type { TokenSet } from "./oidc-client.ts";

/** Claims of one person take this much at most, as JSON: all workers keep them. */
export const maxClaimCharacters: number = 64 * 1024;

/** What is sealed in the store of a session. */
export interface SessionContent {
  /** Of the last ID token. */
  readonly tokenClaims: Claims;
  /** What the userinfo endpoint said last; null: it was never asked. */
  readonly userInfo: Claims | null;
  /** Names that the userinfo endpoint has ever told: what it leaves out of them is gone, whatever an older token says. */
  readonly toldNames: readonly string[];
  readonly accessToken: string;
  /** Milliseconds since the epoch; null: the provider does not say. */
  readonly accessEndsAt: number | null;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

export function sealContent(content: SessionContent, handle: string, sealer: Sealer): Uint8Array {
  return sealer.seal(Buffer.from(JSON.stringify(content)), `session/${handle}`);
}

/** @throws GatewayError `seal-broken` */
export function openContent(sealed: Uint8Array, handle: string, sealer: Sealer): SessionContent {
  return JSON.parse(Buffer.from(sealer.open(sealed, `session/${handle}`)).toString("utf8")) as SessionContent;
}

export function firstContent(tokens: TokenSet, userInfo: Claims | null, now: number): SessionContent {
  return {
    tokenClaims: tokens.claims ?? {},
    userInfo,
    toldNames: Object.keys(userInfo ?? {}),
    accessToken: tokens.accessToken,
    accessEndsAt: endOf(tokens, now),
    refreshToken: tokens.refreshToken,
    idToken: tokens.idToken,
  };
}

/** After a refresh. What a provider does not give again is as before, but for the access token. */
export function withTokens(content: SessionContent, tokens: TokenSet, now: number): SessionContent {
  return {
    ...content,
    tokenClaims: tokens.claims ?? content.tokenClaims,
    accessToken: tokens.accessToken,
    accessEndsAt: endOf(tokens, now),
    refreshToken: tokens.refreshToken ?? content.refreshToken,
    idToken: tokens.idToken ?? content.idToken,
  };
}

export function withUserInfo(content: SessionContent, userInfo: Claims): SessionContent {
  const toldNames = [...new Set([...content.toldNames, ...Object.keys(userInfo)])];
  return { ...content, userInfo, toldNames };
}

/** What is known of the person: the userinfo endpoint goes before the ID token, which may be as old as the session. */
export function claimsOf({ tokenClaims, userInfo, toldNames }: SessionContent): Claims {
  const told = new Set(toldNames);
  const others = Object.entries(tokenClaims).filter(([name]) => !told.has(name));
  // Who it is was said by the ID token, which is signed.
  return { ...Object.fromEntries(others), ...userInfo, iss: tokenClaims["iss"], sub: tokenClaims["sub"] };
}

/** Whether what decides about a person comes from tokens alone, so that only another token tells of a change. */
export function isDecidedByToken({ tokenClaims, toldNames }: SessionContent, { claims }: Provider): boolean {
  return [claims.groups, claims.roles].some(
    (path) =>
      claimAt(tokenClaims, path) !== undefined &&
      !toldNames.includes(path) &&
      !toldNames.includes(path.split(".")[0] ?? ""),
  );
}

function endOf({ expiresIn }: TokenSet, now: number): number | null {
  return expiresIn === null ? null : now + expiresIn * 1000;
}
