import { GatewayError } from "#model/errors.ts";
import type { Outcome } from "#model/decision.ts";
import type { Exchange, Retarget } from "#model/exchange.ts";
import { type FabricCluster, isFabricService } from "#model/fabric-cluster.ts";
import type { PolicyNode, Scope } from "#model/policy-tree.ts";
import { reasons } from "#model/reasons.ts";
import { optionalValue } from "#policy/arguments.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { expressionFailed } from "#policy/failure.ts";
import { type Evaluate, evaluateString } from "#policy/values.ts";
import { FabricResolver } from "./fabric-resolver.ts";
import { type ResolvedPartition, urlsOf, type Wanted } from "./resolved-partition.ts";

/** One for a cluster of a snapshot, so that all policies know what one has heard. */
const resolvers = new WeakMap<FabricCluster, FabricResolver>();

export type ChooseService = (exchange: Exchange, cluster: FabricCluster) => void | Promise<void>;

interface Place extends Wanted {
  readonly service: string;
  readonly key: string;
}

/**
 * The request goes to a replica of a service. What the cluster says is believed as the definition is, which names the
 * cluster: its services are within the same network, at addresses that nobody knows beforehand.
 */
export function linkFabricService(node: PolicyNode, scope: Scope, ports: PolicyPorts): ChooseService {
  const { random = Math.random } = ports;
  const placeOf = linkPlace(node, ports);
  const isWrong = linkCondition(node, scope, ports);

  /** @returns whether there is one besides the one that it went to before */
  const choose = (
    { request }: Exchange,
    partition: ResolvedPartition,
    place: Place,
    before: string | null,
  ): boolean => {
    const urls = urlsOf(partition, place).map(plainUrl);
    const others = urls.filter((url) => url !== before);
    const url = others[Math.floor(random() * others.length)];
    if (url === undefined) return false;
    request.backend = -1;
    request.backendScope = scope;
    request.baseUrl = url;
    request.baseUrlComputed = false;
    return true;
  };
  return (exchange, cluster) => {
    const resolver = resolverOf(cluster, ports);
    const place = placeOf(exchange, cluster);
    const again = async (later: Exchange, outcome: Outcome): Promise<boolean> => {
      if (!isWrong(later, outcome)) return false;
      try {
        const found = await resolver.resolve(place.service, place.key, true);
        return choose(later, found, place, later.request.baseUrl);
      } catch {
        // What became of the attempt is what is told.
        return false;
      }
    };
    const arrive = (found: ResolvedPartition): void => {
      if (!choose(exchange, found, place, null)) throw nobodyThere("no replica of the service has such a listener");
      exchange.request.retarget = { most: cluster.retries, again } satisfies Retarget;
    };
    const partition = resolver.resolve(place.service, place.key, false);
    return partition instanceof Promise ? partition.then(arrive) : arrive(partition);
  };
}

function linkPlace(node: PolicyNode, { clock }: PolicyPorts): (exchange: Exchange, cluster: FabricCluster) => Place {
  const text = (name: string): Evaluate<string> => {
    const value = optionalValue(node, name);
    return value === undefined ? () => "" : evaluateString(value, clock);
  };
  const instance = text("sfServiceInstanceName");
  const key = text("sfPartitionKey");
  const listener = text("sfListenerName");
  const replica = text("sfReplicaType");
  return (exchange, cluster) => {
    const service = instance(exchange) || cluster.service;
    if (service === null || !isFabricService(service)) {
      throw expressionFailed("set-backend-service: there is no such service");
    }
    const place = { listener: listener(exchange), replica: replicaOf(replica(exchange)) };
    return { ...place, service, key: key(exchange).trim() };
  };
}

/** Asked when an attempt is over, and sees what became of it as policies behind it will. */
function linkCondition(
  node: PolicyNode,
  scope: Scope,
  { clock }: PolicyPorts,
): (exchange: Exchange, outcome: Outcome) => boolean {
  const value = optionalValue(node, "sfResolveCondition");
  if (value === undefined) return () => false;
  const condition = evaluateString(value, clock);
  return (exchange, outcome) => {
    const before = exchange.lastError;
    if (outcome?.kind === "refusal") {
      const { reason } = outcome;
      const place = { scope, section: "backend", path: "forward-request", policyId: "" } as const;
      exchange.lastError = { source: "forward-request", reason, message: reasons[reason].message, ...place };
    }
    try {
      return /^\s*true\s*$/i.test(condition(exchange));
    } catch {
      // One that cannot be told then leaves the outcome as it is.
      return false;
    } finally {
      exchange.lastError = before;
    }
  };
}

function resolverOf(cluster: FabricCluster, ports: PolicyPorts): FabricResolver {
  const known = resolvers.get(cluster);
  if (known !== undefined) return known;
  const { certificate } = cluster;
  const shown = certificate === null ? undefined : ports.ownCertificates.get(certificate);
  if (certificate !== null && shown === undefined) {
    const message = `the cluster ${cluster.name} is shown a certificate that is not there`;
    throw new GatewayError("definition-invalid", 500, message);
  }
  const made = new FabricResolver(cluster, shown, ports);
  resolvers.set(cluster, made);
  return made;
}

function replicaOf(text: string): Wanted["replica"] {
  const word = text.trim().toLowerCase();
  if (word === "" || word === "primary") return "primary";
  if (word === "secondary") return "secondary";
  throw expressionFailed("set-backend-service: sfReplicaType is primary or secondary");
}

function plainUrl(url: string): string {
  const plain = url.replace(/\/+$/, "");
  const isPlain = /^https?:\/\/[A-Za-z0-9.\-_[\]:]+(\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?$/.test(plain);
  if (isPlain && URL.canParse(plain)) return plain;
  throw nobodyThere("the service listens at no http or https URL");
}

function nobodyThere(message: string): GatewayError {
  return new GatewayError("upstream-connect-failed", 502, message, { source: "upstream" });
}
