import type { MetadataSource } from "#identity/discovery.ts";
import { issuersOf } from "#identity/issuers.ts";
import { loginSourceOf } from "#identity/metadata-source.ts";
import type { Provider } from "#model/definition.ts";
import type { LoginProvider } from "#model/login.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { OidcClient } from "./oidc-client.ts";

/** What a provider can is asked again after so long. */
const freshMs = 60 * 60 * 1000;
/** One that has answered within this time is taken to answer. */
const reachableMs = 5000;
/** One that could not be asked is left alone for so long: whoever comes meanwhile is told at once. */
const downMs = 2000;

interface Known {
  /** Of the provider, or of one of its tenants. */
  readonly key: string;
  readonly settings: LoginProvider;
  readonly source: MetadataSource;
}

interface Found {
  readonly client: OidcClient;
  readonly at: number;
}

/** The clients of all providers that people log in with. */
export class OidcClients {
  readonly #egress: Egress;
  readonly #clock: Clock;
  #providers: ReadonlyMap<string, Known> = new Map();
  readonly #found = new Map<string, Found>();
  readonly #underway = new Map<string, Promise<OidcClient>>();
  readonly #failed = new Map<string, { readonly at: number; readonly error: unknown }>();

  constructor(egress: Egress, clock: Clock) {
    this.#egress = egress;
    this.#clock = clock;
  }

  /** Of a definition that has come into force. Secrets may have changed, so all is asked anew. */
  use(logins: readonly LoginProvider[], providers: readonly Provider[]): void {
    const known = new Map(providers.map((one) => [one.name, one]));
    this.#providers = new Map(
      logins.flatMap((settings) => {
        const provider = known.get(settings.name);
        return provider === undefined ? [] : placesOf(settings, provider);
      }),
    );
    this.#found.clear();
    this.#failed.clear();
    this.#underway.clear();
  }

  /**
   * @param issuer that somebody is of, where the provider has many tenants; absent: what they have in common
   * @returns undefined: nobody logs in with it. Rejects as {@link OidcClient.discover} does.
   */
  async find(name: string, issuer?: unknown): Promise<OidcClient | undefined> {
    const shared = this.#providers.get(name);
    const isOfTenant = shared?.settings.tenants !== undefined && typeof issuer === "string";
    const key = isOfTenant ? keyOf(name, issuer) : name;
    const provider = isOfTenant ? this.#providers.get(key) : shared;
    if (provider === undefined) return undefined;
    const found = this.#found.get(key);
    const now = this.#clock.mono();
    if (found !== undefined && now - found.at < freshMs) return found.client;
    const failed = this.#failed.get(key);
    if (failed === undefined || now - failed.at >= downMs) return this.#discover(provider, found);
    if (found === undefined) throw failed.error;
    return found.client;
  }

  /** As {@link find}, of a provider that answers: whoever is sent to one that does not would see their browser's own error. */
  async findReachable(name: string): Promise<OidcClient | undefined> {
    const provider = this.#providers.get(name);
    if (provider === undefined) return undefined;
    const now = this.#clock.mono();
    const found = this.#found.get(name);
    if (found !== undefined && now - found.at < reachableMs) return found.client;
    const failed = this.#failed.get(name);
    if (failed !== undefined && now - failed.at < downMs) throw failed.error;
    return this.#discover(provider, undefined);
  }

  /** What it could do an hour ago it can still, while it cannot be asked. */
  #discover(provider: Known, known: Found | undefined): Promise<OidcClient> {
    const { key, settings, source } = provider;
    const underway = this.#underway.get(key);
    if (underway !== undefined) return underway;
    const atTenant = settings.tenants === undefined ? null : (issuer: string) => this.find(settings.name, issuer);
    const pending = OidcClient.discover(settings, source, this.#egress, atTenant)
      .then(
        (client) => {
          if (this.#providers.get(key) === provider) {
            this.#found.set(key, { client, at: this.#clock.mono() });
            this.#failed.delete(key);
          }
          return client;
        },
        (error: unknown) => {
          this.#failed.set(key, { at: this.#clock.mono(), error });
          if (known !== undefined) return known.client;
          throw error;
        },
      )
      .finally(() => {
        if (this.#underway.get(key) === pending) this.#underway.delete(key);
      });
    this.#underway.set(key, pending);
    return pending;
  }
}

/** A provider has one place where people log in, and one for each of its tenants where they are known. */
function placesOf(settings: LoginProvider, provider: Provider): readonly (readonly [string, Known])[] {
  const { name, issuer, tenants } = settings;
  const shared: Known = { key: name, settings, source: loginSourceOf(provider, issuer) };
  const own = issuersOf({ issuer, tenants: tenants ?? [] }).map((one): readonly [string, Known] => {
    const { tenants: _, ...rest } = settings;
    const key = keyOf(name, one);
    return [key, { key, settings: { ...rest, issuer: one }, source: loginSourceOf(provider, one) }];
  });
  return tenants === undefined ? [[name, shared]] : [[name, shared], ...own];
}

/** No name of a provider has a space in it. */
function keyOf(name: string, issuer: string): string {
  return `${name} ${issuer}`;
}
