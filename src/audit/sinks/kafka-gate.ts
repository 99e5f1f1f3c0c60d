import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import type { CallbackWithPromise, Connection, ConnectionPool, NetworkError } from "@platformatic/kafka";
import type { KafkaBroker } from "#model/sinks.ts";

/**
 * Addresses that may be dialled for a host. Rejects where the rules of egress do not let one go there.
 *
 * @param isNamed by the definition; otherwise by the cluster, whose answer leads nobody to loopback, link-local addresses
 *   and metadata services
 */
export type AddressesOf = (host: string, port: number, isNamed: boolean) => Promise<readonly LookupAddress[]>;

type Connected = CallbackWithPromise<Connection>;

/**
 * Stands before every connection of a client that dials by itself, also to brokers that an answer of the cluster names.
 * Over TLS a name leads to the addresses that were looked at and to no others, so that a second answer of DNS gains
 * nothing; without TLS there are no names but this machine's.
 */
export class BrokerGate {
  readonly #named: ReadonlySet<string>;
  readonly #addressesOf: AddressesOf;
  readonly #failure: typeof NetworkError;
  readonly #seen: Map<string, readonly LookupAddress[]> = new Map();

  constructor(brokers: readonly KafkaBroker[], addressesOf: AddressesOf, failure: typeof NetworkError) {
    this.#named = new Set(brokers.map(placeOf));
    this.#addressesOf = addressesOf;
    this.#failure = failure;
  }

  /** The pool makes all connections of a client, and makes them in this one function. */
  guard(pool: ConnectionPool): void {
    const dial = pool.get.bind(pool) as (broker: KafkaBroker, connected: Connected) => void;
    const get = (broker: KafkaBroker | undefined, connected: Connected): void => {
      // A broker that the cluster has not named is the library's to tell of.
      if (broker === undefined || pool.has(broker)) return dial(broker as KafkaBroker, connected);
      this.#look(broker).then(
        () => dial(broker, connected),
        (cause: Error) => connected(new this.#failure("a broker cannot be dialled", { canRetry: false, cause })),
      );
    };
    Object.assign(pool, { get });
    // Whoever asked hears of it; an error that nobody listens to would end the thread.
    pool.on("connecting", ({ connection }) => connection.on("error", () => undefined));
  }

  readonly lookup: LookupFunction = (host, options, done) => {
    const [first, ...others] = this.#seen.get(host) ?? [];
    if (first === undefined) return done(new Error("nobody has looked at this host"), []);
    if (options.all === true) return done(null, [first, ...others]);
    return done(null, first.address, first.family);
  };

  async #look(broker: KafkaBroker): Promise<void> {
    const { host, port } = broker;
    this.#seen.set(host, await this.#addressesOf(host, port, this.#named.has(placeOf(broker))));
  }
}

function placeOf({ host, port }: KafkaBroker): string {
  return `${host}:${port}`;
}
