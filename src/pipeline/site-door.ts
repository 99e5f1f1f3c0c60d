import type { RequestFacts } from "#model/exchange.ts";
import { isSitePath } from "#model/site.ts";
import { parentDomain } from "./parent-domain.ts";

/** Which requests are for the gateway's own pages. */
export class SiteDoor {
  readonly #exact: ReadonlySet<string>;
  readonly #wildcards: ReadonlySet<string>;
  readonly #every: boolean;

  /** @param hosts `*` is every host, `*.example.com` one label more */
  constructor(hosts: readonly string[]) {
    this.#every = hosts.includes("*");
    this.#exact = new Set(hosts);
    this.#wildcards = new Set(hosts.flatMap((host) => (host.startsWith("*.") ? [host.slice(2)] : [])));
  }

  takes({ path, host }: RequestFacts): boolean {
    return isSitePath(path) && this.isAt(host);
  }

  isAt(host: string): boolean {
    return this.#every || this.#exact.has(host) || this.#wildcards.has(parentDomain(host));
  }
}
