import type { Provider } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Egress, Log, TokenVerdict } from "#model/ports.ts";
import { type ProviderRules, rulesOf } from "#model/provider-rules.ts";
import { checkClaims, endOf } from "./claim-checks.ts";
import type { Claims } from "./claim-values.ts";
import type { CompactToken } from "./compact.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { allowedAlgorithms, checkHeader } from "./header-rules.ts";
import { mayKeySign } from "./issuers.ts";
import { sourceOf } from "./metadata-source.ts";
import type { ClusterKeys } from "./cluster-keys.ts";
import { fetchKeySet, importPublicKeys } from "./jwks.ts";
import { KeyRing } from "./key-ring.ts";
import type { KeySet } from "./key-set.ts";
import { hasGroupsOverage, toPrincipal } from "./principal.ts";
import { checkPreset } from "./preset-checks.ts";
import { checkBinding, checkTokenType } from "./token-type.ts";
import { quoted, refuseToken, type RefusedToken } from "./token-refusal.ts";
import type { VerificationKey } from "./verification-key.ts";
import { namesKnownKey, verifySignature } from "./verify.ts";

export interface ProviderPorts {
  readonly egress: Egress;
  readonly clock: Clock;
  readonly log: Log;
  /** Keys of a cluster that this gateway runs in; absent: there are none here. */
  readonly clusterKeys?: ClusterKeys;
}

/** A verdict, with what it takes to remember it. */
export interface Judgement {
  readonly verdict: TokenVerdict;
  /** Of the key ring, when the keys were taken. */
  readonly generation: number;
  /** Milliseconds since the epoch up to which an acceptance holds. */
  readonly until: number;
}

/** One provider of the definition at work: its rules, its keys, and the way of a token through both. */
export class TokenProvider {
  readonly settings: Provider;
  /** Equal text, equal settings: a reload that changes nothing here keeps the keys and what was verified with them. */
  readonly identity: string;
  readonly ring: KeyRing;
  readonly #allowed: ReadonlySet<string>;
  readonly #rules: ProviderRules;
  readonly #ports: ProviderPorts;
  #overageNoted = false;

  constructor(settings: Provider, ports: ProviderPorts) {
    const { clock, log, egress } = ports;
    const { name, staleKeysMs } = settings;
    this.settings = settings;
    this.identity = identityOf(settings);
    this.#allowed = allowedAlgorithms(settings.algorithms);
    this.#ports = ports;
    this.#rules = rulesOf(settings.preset);
    const source = sourceOf(settings, this.#rules);
    const { clusterKeys } = ports;
    const ofCluster = settings.inCluster === undefined ? undefined : (clusterKeys ?? noCluster);
    const fetch = (): Promise<KeySet> =>
      ofCluster === undefined ? fetchKeySet(source, egress) : ofCluster(name).then(importPublicKeys);
    this.ring = new KeyRing({ name, staleMs: staleKeysMs, clock, log, fetch });
  }

  /** Refuses at once what needs no key to be refused, so that it cannot ask for a fetch either. */
  precheck(token: CompactToken): RefusedToken | undefined {
    return checkHeader(token, this.#allowed);
  }

  async judge(token: CompactToken, claims: Claims): Promise<Judgement> {
    await this.#fetchFor(token);
    // Read together: if the keys change while the signature is checked, the verdict is not kept.
    const { keys, generation } = this.ring;
    const verdict = keys === null ? unavailable : await this.#verdict(token, claims, keys);
    return { verdict, generation, until: verdict.ok ? endOf(claims, this.settings) : 0 };
  }

  async #fetchFor(token: CompactToken): Promise<void> {
    const keys = await this.ring.current();
    if (keys === null || namesKnownKey(token, keys)) return;
    await this.ring.refreshForUnknownKey((fresh) => namesKnownKey(token, fresh));
  }

  async #verdict(token: CompactToken, claims: Claims, keys: KeySet): Promise<TokenVerdict> {
    const refusal =
      (await verifySignature(token, keys, (key) => this.#maySign(key, claims))) ??
      checkTokenType(token, claims, this.settings, this.#rules.idTokens) ??
      checkClaims(claims, this.settings, this.#ports.clock.now()) ??
      checkPreset(claims, this.settings, this.#rules) ??
      checkBinding(claims, this.settings);
    if (refusal !== undefined) return refusal;
    const principal = toPrincipal(token.text, deepFreeze(claims), this.settings, this.#rules);
    if ("ok" in principal) return principal;
    this.#noteOverage(claims);
    const { name, dpopNonces } = this.settings;
    const nonces = dpopNonces === undefined ? {} : { dpopNonces };
    return Object.freeze({ ok: true, provider: name, principal, claims, ...nonces });
  }

  #maySign({ issuer }: VerificationKey, claims: Claims): boolean {
    return !this.#rules.tenantInIssuer || mayKeySign(issuer, claims);
  }

  #noteOverage(claims: Claims): void {
    const { graph, users } = this.settings;
    const isAsked = graph !== undefined || users?.groups === "directory";
    if (this.#overageNoted || isAsked || !hasGroupsOverage(claims)) return;
    this.#overageNoted = true;
    const remedy = "add graph: true to the provider, assign groups to the application, or use app roles";
    this.#ports.log.warn("tokens leave groups out because there are too many", {
      provider: this.settings.name,
      remedy,
    });
  }
}

/** Everything but the place in the file, which moves without meaning. */
export function identityOf(settings: Provider): string {
  return JSON.stringify({ ...settings, at: null });
}

export function unknownIssuer(claims: Claims): RefusedToken {
  return refuseToken("token-issuer-unknown", `iss ${quoted(claims["iss"])}`);
}

const noCluster: ClusterKeys = () =>
  Promise.reject(new GatewayError("idp-unreachable", 503, "no cluster is asked from here", { source: "gateway" }));

const unavailable: RefusedToken = refuseToken("provider-unavailable", "no keys of the issuer");
