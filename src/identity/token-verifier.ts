import type { Provider } from "#model/definition.ts";
import type { Log, TokenVerdict, TokenVerifier, VerifiedToken } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { Claims } from "./claim-values.ts";
import { type CompactToken, parseClaims, parseCompact } from "./compact.ts";
import { issuersOf } from "./issuers.ts";
import { identityOf, type Judgement, type ProviderPorts, TokenProvider, unknownIssuer } from "./provider.ts";
import { TokenCache, type TokenCacheBounds } from "./token-cache.ts";
import { refuseToken, type RefusedToken } from "./token-refusal.ts";

const tickMs = 60_000;
const refusalMs = 10_000;
const verifiedBounds: TokenCacheBounds = { entries: 20_000, bytes: 64 * 1024 * 1024 };
export const refusedBounds: TokenCacheBounds = { entries: 2_000, bytes: 8 * 1024 * 1024 };

/** Refusals that hold only for the moment: a second later the same token may be good. */
const passing: ReadonlySet<ReasonCode> = new Set(["provider-unavailable", "token-key-unknown", "token-not-yet-valid"]);

export interface TokenVerifierOptions extends ProviderPorts {
  readonly providers: readonly Provider[];
  /** Per worker. Default 20,000 tokens, 64 MiB. */
  readonly cache?: TokenCacheBounds;
}

/** A {@link TokenVerifier} with its life: it holds keys, remembered tokens and one timer. */
export interface ManagedTokenVerifier extends TokenVerifier {
  /** After a reload. Providers that did not change keep their keys and remembered tokens; of all others nothing is kept. */
  update(providers: readonly Provider[]): void;
  /** Settles when every provider has been asked for its keys once; never rejects. */
  ready(): Promise<void>;
  close(): void;
  /** Remembered tokens, and remembered refusals: for metrics. */
  readonly remembered: number;
  readonly rememberedRefusals: number;
}

/** Starts fetching keys in the background at once. */
export function createTokenVerifier(options: TokenVerifierOptions): ManagedTokenVerifier {
  return new CachingVerifier(options);
}

class CachingVerifier implements ManagedTokenVerifier {
  readonly #ports: TokenVerifierOptions;
  readonly #verified: TokenCache<VerifiedToken>;
  /** Apart from the verified ones, so that a spray of bad tokens pushes out nothing but bad tokens. */
  readonly #refused: TokenCache<RefusedToken> = new TokenCache(refusedBounds);
  /** One check for all requests that bring the same token at the same time. */
  readonly #underway = new Map<string, Promise<TokenVerdict>>();
  readonly #timer: NodeJS.Timeout;
  #byIssuer: ReadonlyMap<string, TokenProvider> = new Map();
  #ready: Promise<unknown> = Promise.resolve();

  constructor(options: TokenVerifierOptions) {
    this.#ports = options;
    this.#verified = new TokenCache(options.cache ?? verifiedBounds);
    this.#timer = setInterval(() => this.#tick(), tickMs).unref();
    this.update(options.providers);
  }

  get remembered(): number {
    return this.#verified.size;
  }

  get rememberedRefusals(): number {
    return this.#refused.size;
  }

  verify(token: string): TokenVerdict | Promise<TokenVerdict> {
    const verdict = this.verifyBound(token);
    return verdict instanceof Promise ? verdict.then(asBearer) : asBearer(verdict);
  }

  verifyBound(token: string): TokenVerdict | Promise<TokenVerdict> {
    const now = this.#ports.clock.now();
    return (
      this.#verified.get(token, now) ?? this.#refused.get(token, now) ?? this.#underway.get(token) ?? this.#begin(token)
    );
  }

  update(providers: readonly Provider[]): void {
    const before = new Set(this.#byIssuer.values());
    const after = new Map<string, TokenProvider>();
    for (const settings of providers) {
      const provider = this.#kept(settings) ?? new TokenProvider(settings, this.#ports);
      for (const issuer of issuersOf(settings)) {
        if (after.has(issuer)) warnOfDouble(this.#ports.log, settings, issuer);
        else after.set(issuer, provider);
      }
    }
    this.#byIssuer = after;
    const now = new Set(after.values());
    for (const provider of before.difference(now)) provider.ring.close();
    const added = [...now.difference(before)].map((provider) => provider.ring.prefetch());
    this.#ready = Promise.all([this.#ready, ...added]);
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  close(): void {
    clearInterval(this.#timer);
    for (const provider of new Set(this.#byIssuer.values())) provider.ring.close();
    this.#byIssuer = new Map();
  }

  #kept(settings: Provider): TokenProvider | undefined {
    const [issuer = ""] = issuersOf(settings);
    const provider = this.#byIssuer.get(issuer);
    return provider?.identity === identityOf(settings) ? provider : undefined;
  }

  #tick(): void {
    for (const provider of new Set(this.#byIssuer.values())) provider.ring.tick();
  }

  #begin(text: string): TokenVerdict | Promise<TokenVerdict> {
    const token = parseCompact(text);
    if (!token.ok) return token;
    const claims = parseClaims(token);
    if (claims === undefined) return refuseToken("token-malformed", "payload is not a JSON object with unique names");
    const provider = typeof claims["iss"] === "string" ? this.#byIssuer.get(claims["iss"]) : undefined;
    if (provider === undefined) return this.#ofNobody(claims);
    return provider.precheck(token) ?? this.#judge(token, claims, provider);
  }

  /** Of no provider; Okta's org server is told apart, for its tokens look as if they could be checked. */
  #ofNobody(claims: Claims): RefusedToken {
    for (const { settings } of this.#byIssuer.values()) {
      if (settings.preset === "okta" && new URL(settings.issuer).origin === claims["iss"]) return orgServerToken;
    }
    return unknownIssuer(claims);
  }

  #judge(token: CompactToken, claims: Claims, provider: TokenProvider): Promise<TokenVerdict> {
    const pending = provider
      .judge(token, claims)
      .then((judgement) => this.#remember(token.text, judgement, provider))
      .finally(() => this.#underway.delete(token.text));
    this.#underway.set(token.text, pending);
    return pending;
  }

  #remember(text: string, { verdict, generation, until }: Judgement, { ring }: TokenProvider): TokenVerdict {
    if (verdict.ok) this.#verified.set(text, verdict, until, ring, generation);
    else if (!passing.has(verdict.reason)) {
      this.#refused.set(text, verdict, this.#ports.clock.now() + refusalMs, ring, generation);
    }
    return verdict;
  }
}

/** Whoever shows a bound token without a proof may have stolen it. @see RFC 9449 §7.1, RFC 8705 §3 */
function asBearer(verdict: TokenVerdict): TokenVerdict {
  return verdict.ok && verdict.claims["cnf"] !== undefined ? unproven : verdict;
}

const unproven: RefusedToken = refuseToken("token-claim-not-allowed", "sender-constrained token without proof");

const orgServerToken: RefusedToken = refuseToken(
  "token-type-not-allowed",
  "a token of Okta's org authorization server: get one from the custom authorization server",
);

function warnOfDouble(log: Log, { name }: Provider, issuer: string): void {
  log.error("two providers have the same issuer: the second is not used", { provider: name, issuer });
}
