import type { MetadataSource } from "#identity/discovery.ts";
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
        if (provider === undefined) return [];
        return [[settings.name, { settings, source: loginSourceOf(provider, settings.issuer) }] as const];
      }),
    );
    this.#found.clear();
    this.#failed.clear();
    this.#underway.clear();
  }

  /** @returns undefined: nobody logs in with it. Rejects as {@link OidcClient.discover} does. */
  async find(name: string): Promise<OidcClient | undefined> {
    const provider = this.#providers.get(name);
    if (provider === undefined) return undefined;
    const found = this.#found.get(name);
    const now = this.#clock.mono();
    if (found !== undefined && now - found.at < freshMs) return found.client;
    const failed = this.#failed.get(name);
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
    const { settings, source } = provider;
    const { name } = settings;
    const underway = this.#underway.get(name);
    if (underway !== undefined) return underway;
    const pending = OidcClient.discover(settings, source, this.#egress)
      .then(
        (client) => {
          if (this.#providers.get(name) === provider) {
            this.#found.set(name, { client, at: this.#clock.mono() });
            this.#failed.delete(name);
          }
          return client;
        },
        (error: unknown) => {
          this.#failed.set(name, { at: this.#clock.mono(), error });
          if (known !== undefined) return known.client;
          throw error;
        },
      )
      .finally(() => {
        if (this.#underway.get(name) === pending) this.#underway.delete(name);
      });
    this.#underway.set(name, pending);
    return pending;
  }
}
