import type { Backend, ListenPlace } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";

export type ListenPlaces = readonly Located<ListenPlace>[];

/** What `sun_path` holds besides its final NUL. @see unix(7) */
const maxSocketPath = process.platform === "linux" ? 107 : 103;

/** Makes the paths of sockets absolute, from the folder of the definition on like every other path in it. */
export function buildListeners(
  places: ListenPlaces,
  { resolve }: Resources,
  problems: Problems,
): readonly ListenPlace[] {
  return places.map(({ value, at }) => {
    if (!("path" in value)) return value;
    const path = resolve(value.path);
    const length = Buffer.byteLength(path);
    if (length > maxSocketPath) {
      const message = `the path of the socket has ${length} bytes, and the system takes ${maxSocketPath} at most: ${path}`;
      problems.error("value-invalid", at, message, "use a shorter path, such as one below /run");
    }
    return { ...value, path };
  });
}

/** The same socket twice would be found taken when the gateway starts. */
export function checkSocketsDiffer(places: ListenPlaces, { resolve }: Resources, problems: Problems): void {
  const seen = new Set<string>();
  for (const { value, at } of places) {
    if (!("path" in value)) continue;
    const path = resolve(value.path);
    if (seen.has(path))
      problems.error("value-invalid", at, `two listeners have the socket ${path}`, "keep one of them");
    seen.add(path);
  }
}

/** A request would come back as its own client. Other spellings of the path are found when the backend is made. */
export function checkListenersUnreached(
  listeners: readonly ListenPlace[],
  backends: readonly Backend[],
  problems: Problems,
): void {
  const own = new Set(listeners.flatMap((place) => ("path" in place ? [`unix:${place.path}`] : [])));
  const report = (name: string, at: SourcePosition): void => {
    const message = `the backend ${name} leads to a socket that this gateway listens on`;
    problems.error("backend-listener", at, message, "name the socket of the application");
  };
  for (const { name, at, targets } of backends) if (targets.some(({ url }) => own.has(url))) report(name, at);
}
