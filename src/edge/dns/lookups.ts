import { Resolver } from "node:dns/promises";
import type { Pause } from "#edge/acme/poll.ts";
import { unusable } from "#edge/acme/problem.ts";

const lookEveryMs = 2000;
const queryTimeoutMs = 3000;
/** A chain of CNAMEs that is longer is a loop, or wants to be one. */
const maxHops = 8;

export interface LookupSettings {
  /** `address:port`; empty: the machine's own for questions, the zone's for what they show. */
  readonly resolvers: readonly string[];
  /** How long is waited until a record is seen; 0: not at all. */
  readonly timeoutMs: number;
}

/** Questions to the DNS. */
export class Lookups {
  readonly #settings: LookupSettings;
  readonly #pause: Pause;

  constructor(settings: LookupSettings, pause: Pause) {
    this.#settings = settings;
    this.#pause = pause;
  }

  /** Where CNAMEs lead from a name; the name itself when there are none. */
  async follow(name: string): Promise<string> {
    let at = name;
    for (let hops = 0; hops < maxHops; hops += 1) {
      const [next] = await this.#resolver()
        .resolveCname(at)
        .catch(() => []);
      if (next === undefined) return at;
      at = next.toLowerCase().replace(/\.$/, "");
    }
    throw unusable(`the CNAMEs of ${name} lead in a circle`);
  }

  /** The zone that a name is in: the nearest parent with an SOA. @throws GatewayError `certificate-unavailable` */
  async zoneOf(name: string): Promise<string> {
    const labels = name.split(".");
    for (let from = 0; from < labels.length - 1; from += 1) {
      const candidate = labels.slice(from).join(".");
      const found = await this.#resolver()
        .resolveSoa(candidate)
        .catch(() => null);
      if (found !== null) return candidate;
    }
    throw unusable(`the DNS names no zone for ${name}`);
  }

  /** Waits until every name server shows the text. @throws GatewayError `certificate-unavailable` */
  async seen(name: string, text: string): Promise<void> {
    const { timeoutMs } = this.#settings;
    if (timeoutMs === 0) return;
    const servers = await this.#serversOf(name);
    for (let waited = 0; ; waited += lookEveryMs) {
      const shown = await Promise.all(servers.map((server) => shows(server, name, text)));
      if (shown.every(Boolean)) return;
      if (waited >= timeoutMs) {
        throw unusable(
          `the record ${name} was not to be seen at ${servers[shown.indexOf(false)]} after ${timeoutMs / 1000} seconds`,
        );
      }
      await this.#pause(lookEveryMs);
    }
  }

  async #serversOf(name: string): Promise<readonly string[]> {
    const { resolvers } = this.#settings;
    if (resolvers.length > 0) return resolvers;
    const names = await this.#resolver()
      .resolveNs(await this.zoneOf(name))
      .catch(() => []);
    const found = await Promise.all(
      names.slice(0, 8).map((server) =>
        this.#resolver()
          .resolve4(server)
          .catch(() => []),
      ),
    );
    const addresses = found.flatMap(([first]) => (first === undefined ? [] : [`${first}:53`]));
    if (addresses.length === 0) throw unusable(`the name servers of ${name} cannot be found`);
    return addresses;
  }

  #resolver(): Resolver {
    return resolverAt(this.#settings.resolvers);
  }
}

function resolverAt(servers: readonly string[]): Resolver {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
  if (servers.length > 0) resolver.setServers(servers);
  return resolver;
}

async function shows(server: string, name: string, text: string): Promise<boolean> {
  const records = await resolverAt([server])
    .resolveTxt(name)
    .catch(() => []);
  return records.some((chunks) => chunks.join("") === text);
}
