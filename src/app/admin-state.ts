import type { ListenerFacts, StatusFacts } from "#admin/ports.ts";
import type { ListenPlace } from "#model/definition.ts";
import type { ControlSnapshot } from "./definition/read-result.ts";
import { packageVersion } from "./version.ts";

interface Bound {
  readonly https: readonly ListenPlace[];
  readonly http: readonly ListenPlace[];
}

export function statusOf(
  { environment, hash, apis, operations }: ControlSnapshot,
  { https, http }: Bound,
  workers: number,
): Omit<StatusFacts, "node" | "production" | "startedAt" | "uptimeSeconds"> {
  return {
    version: packageVersion(),
    environment,
    configHash: hash,
    workers,
    listeners: [...https.map((place) => listenerOf("https", place)), ...http.map((place) => listenerOf("http", place))],
    apis,
    operations,
  };
}

function listenerOf(scheme: "http" | "https", place: ListenPlace): ListenerFacts {
  return "path" in place ? { scheme, path: place.path } : { scheme, host: place.host, port: place.port };
}
