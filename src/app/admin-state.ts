import type { StatusFacts } from "#admin/ports.ts";
import type { ListenAddress } from "#model/definition.ts";
import type { ControlSnapshot } from "./definition/read-result.ts";
import { packageVersion } from "./version.ts";

interface Bound {
  readonly https: readonly ListenAddress[];
  readonly http: readonly ListenAddress[];
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
    listeners: [
      ...https.map(({ host, port }) => ({ scheme: "https" as const, host, port })),
      ...http.map(({ host, port }) => ({ scheme: "http" as const, host, port })),
    ],
    apis,
    operations,
  };
}
