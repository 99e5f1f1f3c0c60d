/** Where the replicas of a partition are. */
export interface ResolvedPartition {
  readonly version: string;
  readonly endpoints: readonly ServiceEndpoint[];
}

export interface ServiceEndpoint {
  /** `Stateless`, `StatefulPrimary`, `StatefulSecondary`, … */
  readonly kind: string;
  /** URLs by the name of the listener; "" has none. */
  readonly listeners: ReadonlyMap<string, string>;
}

const maxEndpoints = 1000;

/**
 * Reads the answer of the management API. An address is JSON with the listeners of a Reliable Service, or a URL.
 * @returns null for what is no such answer
 * @see https://learn.microsoft.com/rest/api/servicefabric/sfclient-model-resolvedservicepartition
 */
export function readPartition(body: Uint8Array): ResolvedPartition | null {
  const answer = parsed(new TextDecoder().decode(body));
  if (!isRecord(answer)) return null;
  const { Version: version, Endpoints: endpoints } = answer;
  if (typeof version !== "string" || !Array.isArray(endpoints)) return null;
  return { version: version.slice(0, 1024), endpoints: endpoints.slice(0, maxEndpoints).flatMap(readEndpoint) };
}

function readEndpoint(endpoint: unknown): readonly ServiceEndpoint[] {
  if (!isRecord(endpoint)) return [];
  const { Kind: kind, Address: address } = endpoint;
  if (typeof kind !== "string" || typeof address !== "string" || kind === "Invalid") return [];
  const written = address.trimStart().startsWith("{") ? parsed(address) : { Endpoints: { "": address } };
  const listeners = isRecord(written) && isRecord(written["Endpoints"]) ? Object.entries(written["Endpoints"]) : [];
  const urls = listeners.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return urls.length === 0 ? [] : [{ kind, listeners: new Map(urls) }];
}

/** What one wants of a partition. */
export interface Wanted {
  /** Name of the listener; "": the one without a name, or the only one. */
  readonly listener: string;
  readonly replica: "primary" | "secondary";
}

/** URLs of those replicas that take it; a stateless service has instances alone, and each of them does. */
export function urlsOf({ endpoints }: ResolvedPartition, { listener, replica }: Wanted): readonly string[] {
  const stateful = replica === "primary" ? "StatefulPrimary" : "StatefulSecondary";
  return endpoints
    .filter(({ kind }) => kind === "Stateless" || kind === stateful)
    .map(({ listeners }) => {
      const only = listener === "" && listeners.size === 1 ? [...listeners.values()][0] : undefined;
      return listeners.get(listener) ?? only;
    })
    .filter((url) => url !== undefined);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
