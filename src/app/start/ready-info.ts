import { firstPort, placeText } from "#model/listen-place.ts";
import type { ControlSnapshot } from "#app/definition/read-result.ts";
import type { ReadyInfo } from "#app/gateway.ts";
import type { Bound } from "#app/listeners.ts";

/** What a person, or a script, is told of a gateway that serves. */
export function readyInfo(
  snapshot: ControlSnapshot,
  bound: Bound,
  workers: number,
  rootCertificate: string | undefined,
): ReadyInfo {
  const url = urlOf(bound);
  const facts = [
    `environment ${snapshot.environment}`,
    counted(workers, "worker"),
    counted(snapshot.operations, "operation"),
  ];
  return { summary: `sallyport ready ${url} (${facts.join(", ")})`, url, ...bound, rootCertificate };
}

/** Where a person may look; of a socket that is all there is, its place. */
function urlOf({ https, http }: Bound): string {
  const [secure, clear] = [firstPort(https), firstPort(http)];
  if (secure !== undefined) return `https://localhost:${secure}`;
  if (clear !== undefined) return `http://localhost:${clear}`;
  return [...https, ...http].map(placeText)[0] ?? "";
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
