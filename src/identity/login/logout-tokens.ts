import { isDeepStrictEqual } from "node:util";
import type { LoginSettings, LoginProvider } from "#model/login.ts";
import type { Clock, Egress, Log } from "#model/ports.ts";
import { parseClaims, parseCompact, type CompactToken } from "#identity/compact.ts";
import { asymmetricAlgorithms } from "#identity/algorithms.ts";
import { type Claims, textAt } from "#identity/claim-values.ts";
import type { MetadataSource } from "#identity/discovery.ts";
import { checkHeader } from "#identity/header-rules.ts";
import { fetchKeySet } from "#identity/jwks.ts";
import { KeyRing } from "#identity/key-ring.ts";
import { tenantMark } from "#model/provider-rules.ts";
import { loginSourceOf } from "#identity/metadata-source.ts";
import type { Provider } from "#model/definition.ts";
import { isObject } from "#identity/strict-json.ts";
import { TwoGenerations } from "#lib/two-generations.ts";
import { subjectOfTenant } from "./session-principal.ts";
import { namesKnownKey, verifySignature } from "#identity/verify.ts";

/** Whose sessions are to end. */
export interface LogoutMatch {
  readonly provider: string;
  readonly subject: string | null;
  readonly providerSession: string | null;
}

export type LogoutVerdict =
  | { readonly ok: true; readonly match: LogoutMatch }
  /** `isDown`: the provider's keys cannot be had, so it may try again. */
  | { readonly ok: false; readonly isDown: boolean; readonly detail: string };

export interface LogoutTokensOptions {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
}

interface Known {
  readonly settings: LoginProvider;
  /** Of an issuer that serves many: which one this is. */
  readonly tenant: string | null;
  readonly source: MetadataSource;
  readonly ring: KeyRing;
}

const event = "http://schemas.openid.net/event/backchannel-logout";
/** A token that was made longer ago is none that is sent now. */
const maxAgeMs = 5 * 60_000;
const skewMs = 60_000;
const maxSeen = 20_000;

/**
 * Logout tokens: signed like ID tokens, and none of those that something else was signed for. One is good once: an
 * old one that is played again would log somebody out who has logged in since.
 * @see OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6
 */
export class LogoutTokens {
  readonly #options: LogoutTokensOptions;
  readonly #seen = new TwoGenerations<true>(maxSeen, maxSeen * 400);
  /** By issuer and client: one issuer may have several, and its token names the one that it is for. */
  #known: ReadonlyMap<string, Known> = new Map();

  constructor(options: LogoutTokensOptions) {
    this.#options = options;
  }

  /** Of the definition that has come into force. */
  use(login: LoginSettings | null, providers: readonly Provider[]): void {
    const { egress, clock, log } = this.#options;
    const before = this.#known;
    const entries = (login?.providers ?? []).flatMap(placesOf).map(({ settings, tenant }): readonly [string, Known] => {
      const { name, issuer, clientId } = settings;
      const source = sourceFor(settings, providers);
      const known = before.get(keyOf(issuer, clientId));
      // Keys that another place gave, or another authority vouched for, are good no longer.
      const ring = isDeepStrictEqual(known?.source, source) ? known?.ring : undefined;
      const fetch = (): ReturnType<typeof fetchKeySet> => fetchKeySet(source, egress);
      const current = ring ?? new KeyRing({ name, staleMs: 0, clock, log, fetch });
      return [keyOf(issuer, clientId), { settings, tenant, source, ring: current }];
    });
    this.#known = new Map(entries);
    const rings = new Set(entries.map(([, { ring }]) => ring));
    for (const { ring } of before.values()) if (!rings.has(ring)) ring.close();
  }

  async verify(text: string): Promise<LogoutVerdict> {
    const token = parseCompact(text);
    if (!token.ok) return no("malformed");
    const claims = parseClaims(token);
    const known = claims && this.#knownOf(claims);
    if (claims === undefined || known === undefined) return no("issuer or client unknown");
    const wrong = checkHeader(token, asymmetricAlgorithms)?.detail ?? typeProblem(token);
    if (wrong !== undefined) return no(wrong);
    const signed = await this.#signature(token, known.ring);
    if (signed !== undefined) return signed;
    const problem = claimProblem(claims, known.settings, this.#options.clock.now());
    if (problem !== undefined) return no(problem);
    if (!this.#isFirst(known.settings.issuer, String(claims["jti"]))) return no("jti was used before");
    const match = {
      provider: known.settings.name,
      subject: subjectAt(known.tenant, textAt(claims, "sub")),
      providerSession: textAt(claims, "sid") ?? null,
    };
    return { ok: true, match };
  }

  #knownOf(claims: Claims): Known | undefined {
    for (const audience of audiencesOf(claims)) {
      const known = this.#known.get(keyOf(String(claims["iss"]), String(audience)));
      if (known !== undefined) return known;
    }
    return undefined;
  }

  async #signature(token: CompactToken, ring: KeyRing): Promise<LogoutVerdict | undefined> {
    const keys = await ring.current();
    if (keys !== null && !namesKnownKey(token, keys)) {
      await ring.refreshForUnknownKey((fresh) => namesKnownKey(token, fresh));
    }
    if (ring.keys === null) return { ok: false, isDown: true, detail: "no keys of the issuer" };
    const refusal = await verifySignature(token, ring.keys);
    return refusal === undefined ? undefined : no(refusal.reason);
  }

  /** Bounded: beyond it the oldest are forgotten, which {@link maxAgeMs} refuses by then unless thousands come a minute. */
  #isFirst(issuer: string, id: string): boolean {
    const key = `${issuer} ${id}`;
    if (this.#seen.get(key) !== undefined) return false;
    this.#seen.set(key, true, 200 + key.length);
    return true;
  }
}

/** Each tenant of a provider speaks for its own people. */
function placesOf(settings: LoginProvider): readonly Pick<Known, "settings" | "tenant">[] {
  const { tenants, ...rest } = settings;
  if (tenants === undefined) return [{ settings, tenant: null }];
  return tenants.map((tenant) => ({ settings: { ...rest, issuer: rest.issuer.replace(tenantMark, tenant) }, tenant }));
}

function subjectAt(tenant: string | null, subject: string | undefined): string | null {
  if (subject === undefined) return null;
  return tenant === null ? subject : subjectOfTenant(tenant, subject);
}

function sourceFor({ name, issuer }: LoginProvider, providers: readonly Provider[]): MetadataSource {
  const provider = providers.find((one) => one.name === name);
  if (provider !== undefined) return loginSourceOf(provider, issuer);
  return { issuer, base: issuer, keyOrigins: [], trusted: true };
}

/** §2.4: `logout+jwt` where it says a type; an ID token or an access token is never taken for one. */
function typeProblem({ header }: CompactToken): string | undefined {
  const type = header["typ"];
  if (type === undefined || (typeof type === "string" && /^(?:application\/)?(?:logout\+jwt|jwt)$/i.test(type)))
    return undefined;
  return "typ is another one";
}

function claimProblem(claims: Claims, { clientId }: LoginProvider, now: number): string | undefined {
  const { iat, exp, nonce, jti, events, sub, sid } = claims;
  if (!audiencesOf(claims).includes(clientId)) return "aud is another client";
  if (typeof iat !== "number" || Math.abs(now - iat * 1000) > maxAgeMs + skewMs) return "iat is too old, or missing";
  if (exp !== undefined && (typeof exp !== "number" || now > exp * 1000 + skewMs)) return "expired";
  if (nonce !== undefined) return "it has a nonce, so it is an ID token";
  if (typeof jti !== "string" || jti === "" || jti.length > 256) return "jti is missing";
  if (!isObject(events) || !isObject(events[event])) return "it has no logout event";
  const hasOne = [sub, sid].some((value) => typeof value === "string" && value !== "");
  return hasOne ? undefined : "neither sub nor sid";
}

function audiencesOf({ aud }: Claims): readonly unknown[] {
  return Array.isArray(aud) ? aud : [aud];
}

function keyOf(issuer: string, clientId: string): string {
  return JSON.stringify([issuer, clientId]);
}

function no(detail: string): LogoutVerdict {
  return { ok: false, isDown: false, detail };
}
