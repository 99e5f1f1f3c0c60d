import type { Api, ClearPlace, EdgeSettings } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";

/** Where HTTPS is on, a port of `listen.http` that an API names serves it in clear; a port that nobody listens at is an error. */
export function clearPlaces(
  { https, http, tls }: Pick<EdgeSettings, "https" | "http" | "tls">,
  apis: readonly Api[],
  problems: Problems,
): readonly ClearPlace[] {
  const clear = new Set(portsOf(http));
  const all = new Set([...clear, ...(tls === "off" ? [] : portsOf(https))]);
  for (const { name, ports = [], at } of apis) {
    const unknown = ports.find((port) => !all.has(port));
    if (unknown === undefined) continue;
    const message = `the API ${name} is for port ${unknown}, and no listener has it`;
    problems.error("reference-unknown", at, message, `write :${unknown} into edge.listen.https or edge.listen.http`);
  }
  if (tls === "off") return [];
  return apis.flatMap(({ ports = [], hosts }) =>
    ports.filter((port) => clear.has(port)).map((port) => ({ port, hosts })),
  );
}

function portsOf(places: EdgeSettings["http"]): readonly number[] {
  return places.flatMap((place) => ("port" in place ? [place.port] : []));
}
