import type { Discovery } from "#model/discovery.ts";

/** A target that DNS told of. */
export interface Endpoint {
  /** Tells it from the others, also after the next answer. */
  readonly key: string;
  /** Name that certificates and Host are for. */
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
  readonly weight: number;
  readonly priority: number;
}

/** What is asked of a name server. Rejects when there is no answer, or none of that kind. */
export interface DnsQueries {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
  resolveSrv(
    name: string,
  ): Promise<
    readonly { readonly name: string; readonly port: number; readonly priority: number; readonly weight: number }[]
  >;
}

/** An answer is data from elsewhere: more than this is not taken. */
const maxEndpoints = 1000;

/** @throws the resolver's error, or Error when the answer names no address */
export async function findEndpoints(setting: Discovery, dns: DnsQueries): Promise<readonly Endpoint[]> {
  const found = setting.type === "a" ? await byAddress(setting, dns) : await byService(setting, dns);
  if (found.length === 0) throw new Error(`${setting.name} has no address`);
  return found.slice(0, maxEndpoints);
}

async function byAddress({ name, port }: Discovery, dns: DnsQueries): Promise<readonly Endpoint[]> {
  const addresses = await addressesOf(name, dns);
  return addresses.map((address) => ({
    key: address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`,
    host: name,
    port,
    addresses: [address],
    weight: 1,
    priority: 1,
  }));
}

/** @see RFC 2782: the lowest priority first, weight is a share, a name that is the root says that there is none */
async function byService({ name }: Discovery, dns: DnsQueries): Promise<readonly Endpoint[]> {
  const records = (await dns.resolveSrv(name)).filter((record) => record.name !== "" && record.port > 0);
  const endpoints = await Promise.all(
    records.slice(0, maxEndpoints).map(async ({ name: host, port, priority, weight }) => {
      const addresses = await addressesOf(host, dns).catch(() => []);
      return { key: `${host.toLowerCase()}:${port}`, host, port, addresses, weight: Math.max(1, weight), priority };
    }),
  );
  const reachable = endpoints.filter(({ addresses }) => addresses.length > 0);
  return [...new Map(reachable.map((endpoint) => [endpoint.key, endpoint])).values()];
}

/** @throws what the last query said when neither kind has an address */
async function addressesOf(name: string, dns: DnsQueries): Promise<readonly string[]> {
  const [four, six] = await Promise.allSettled([dns.resolve4(name), dns.resolve6(name)]);
  const all = [four, six].flatMap((result) => (result.status === "fulfilled" ? result.value : []));
  if (all.length === 0 && four.status === "rejected") throw four.reason;
  return [...new Set(all)].toSorted();
}
