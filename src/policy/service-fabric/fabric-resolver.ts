import { GatewayError } from "#model/errors.ts";
import type { FabricCluster } from "#model/fabric-cluster.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";
import type { Clock, Egress } from "#model/ports.ts";
import { readPartition, type ResolvedPartition } from "./resolved-partition.ts";

export interface FabricPorts {
  readonly egress: Egress;
  readonly clock: Clock;
}

interface Known {
  readonly partition: ResolvedPartition;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** Replicas move: what was heard is believed that long, and asked for anew at once where a policy says so. */
const keepMs = 30_000;
/** Names and keys may be computed, so their number is bounded: the one that was longest not wanted goes. */
const maxKnown = 256;
const timeoutMs = 3000;
const allMs = 10_000;
const maxBytes = 262_144;
const number = /^-?\d{1,19}$/;

/** Asks one cluster where its services are, and remembers what it said. */
export class FabricResolver {
  readonly #cluster: FabricCluster;
  readonly #certificate: OwnCertificate | undefined;
  readonly #ports: FabricPorts;
  readonly #known: Map<string, Known> = new Map();
  readonly #asking: Map<string, Promise<ResolvedPartition>> = new Map();

  /** @param certificate the one that the cluster is shown */
  constructor(cluster: FabricCluster, certificate: OwnCertificate | undefined, ports: FabricPorts) {
    this.#cluster = cluster;
    this.#certificate = certificate;
    this.#ports = ports;
  }

  /**
   * @param key of the partition; "": the service has one alone
   * @param anew what is known has turned out to be wrong
   * @throws GatewayError `upstream-connect-failed`
   */
  resolve(service: string, key: string, anew: boolean): ResolvedPartition | Promise<ResolvedPartition> {
    const id = JSON.stringify([service, key]);
    const known = this.#known.get(id);
    if (known !== undefined && !anew && known.until > this.#ports.clock.mono()) return known.partition;
    const under = this.#asking.get(id);
    if (under !== undefined) return under;
    const asked = this.#ask(service, key, known?.partition.version).then((partition) => this.#keep(id, partition));
    const asking = asked.finally(() => this.#asking.delete(id));
    this.#asking.set(id, asking);
    return asking;
  }

  #keep(id: string, partition: ResolvedPartition): ResolvedPartition {
    if (!this.#known.delete(id) && this.#known.size >= maxKnown) {
      this.#known.delete(this.#known.keys().next().value as string);
    }
    this.#known.set(id, { partition, until: this.#ports.clock.mono() + keepMs });
    return partition;
  }

  async #ask(service: string, key: string, version: string | undefined): Promise<ResolvedPartition> {
    const { endpoints, retries } = this.#cluster;
    const path = pathOf(service, key, version);
    const until = this.#ports.clock.mono() + allMs;
    for (let tries = 0; tries <= retries; tries += 1) {
      const answer = await this.#fetch(`${endpoints[tries % endpoints.length]}${path}`);
      if (answer !== null && answer.status === 200) {
        const partition = readPartition(answer.body);
        if (partition !== null) return partition;
      } else if (answer !== null && answer.status < 500 && answer.status !== 429) {
        throw failed(`the cluster ${this.#cluster.name} answered ${answer.status} when it was asked for a service`);
      }
      if (this.#ports.clock.mono() > until) break;
    }
    throw failed(`the cluster ${this.#cluster.name} does not say where a service is`);
  }

  async #fetch(url: string): Promise<{ readonly status: number; readonly body: Uint8Array } | null> {
    const { ca } = this.#cluster;
    const certificate = this.#certificate;
    const headers = ["Accept", "application/json"];
    const trust = { ...(ca === null ? {} : { ca }), ...(certificate === undefined ? {} : { certificate }) };
    try {
      return await this.#ports.egress.fetch({ url, headers, timeoutMs, maxBytes, declared: true, ...trust });
    } catch {
      return null;
    }
  }
}

/** @see https://learn.microsoft.com/rest/api/servicefabric/sfclient-api-resolveservice */
function pathOf(service: string, key: string, version: string | undefined): string {
  const id = service.slice("fabric:/".length).replaceAll("/", "~");
  const query = new URLSearchParams({ "api-version": "6.0", timeout: String(timeoutMs / 1000) });
  // Integers are keys of a range, and everything else is the name of a partition.
  query.set("PartitionKeyType", key === "" ? "1" : number.test(key) ? "2" : "3");
  if (key !== "") query.set("PartitionKeyValue", key);
  if (version !== undefined) query.set("PreviousRspVersion", version);
  return `/Services/${encodeURIComponent(id)}/$/ResolvePartition?${query}`;
}

function failed(message: string): GatewayError {
  return new GatewayError("upstream-connect-failed", 502, message, { source: "upstream", retryable: true });
}
