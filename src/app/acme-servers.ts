import { Buffer } from "node:buffer";
import { lookup } from "node:dns/promises";
import { join } from "node:path";
import type { AcmeRequest, AcmeResponse } from "#edge/acme-server/acme-types.ts";
import type { WorkloadIssuer } from "#edge/acme-server/issuer.ts";
import { type AcmeServer, createAcmeServer } from "#edge/acme-server/server.ts";
import type { AcmeServerOptions } from "#edge/acme-server/server-options.ts";
import { ServerStore } from "#edge/acme-server/server-store.ts";
import { createValidator } from "#edge/acme-server/validate.ts";
import type { AcmeServerDeclaration } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, Log, Random } from "#model/ports.ts";

export interface AcmeServersOptions {
  /** A folder below it for each server. */
  readonly directory: string;
  readonly issuer: WorkloadIssuer;
  /** Where revocation lists are had over clear HTTP; null: nowhere. */
  readonly clearPort: () => number | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The ACME servers of the definition in force, on main. */
export class AcmeServers {
  readonly #options: AcmeServersOptions;
  readonly #stores = new Map<string, ServerStore>();
  #servers: ReadonlyMap<string, AcmeServer> = new Map();

  constructor(options: AcmeServersOptions) {
    this.#options = options;
  }

  /** Accounts and orders stay, and what is under way with them. */
  async use(declarations: readonly AcmeServerDeclaration[]): Promise<void> {
    const entries = declarations.map(async (one) => [one.api, await this.#open(one)] as const);
    this.#servers = new Map(await Promise.all(entries));
  }

  /** @throws GatewayError `internal` when the definition has dropped the server */
  async handle(server: string, request: AcmeRequest): Promise<AcmeResponse> {
    const found = this.#servers.get(server);
    if (found === undefined) throw new GatewayError("internal", 500, `there is no ACME server ${server}`);
    return found.handle(request);
  }

  async #open({ api, hosts, allow, lifetimeMs, dial, externalAccounts }: AcmeServerDeclaration): Promise<AcmeServer> {
    const { directory, ...ports } = this.#options;
    let store = this.#stores.get(api);
    if (store === undefined) {
      store = await ServerStore.open(join(directory, api), ports.random, ports.log);
      this.#stores.set(api, store);
    }
    const options: AcmeServerOptions = {
      ...ports,
      validate: createValidator({ resolve, dial, httpPort: 80, tlsPort: 443, timeoutMs: 10_000 }),
      settings: {
        allow,
        hosts,
        lifetimeMs,
        externalAccounts: externalAccounts.map(({ key, ...account }) => ({
          ...account,
          key: Buffer.from(key.reveal(), "base64url"),
        })),
      },
    };
    return createAcmeServer(options, store);
  }
}

/** As for every other program of this machine. */
async function resolve(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
