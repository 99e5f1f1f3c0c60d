import type { Api } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";

/** Which of two APIs at one place a request is for cannot be told. */
export function reportOverlaps(apis: readonly Api[], problems: Problems): void {
  const taken = new Map<string, readonly Api[]>();
  for (const api of apis) {
    for (const host of api.hosts.length === 0 ? ["any host"] : api.hosts) {
      for (const place of placesOf(api)) {
        const there = taken.get(`${place} on ${host}`) ?? [];
        taken.set(`${place} on ${host}`, [...there, api]);
        const other = there.findLast((one) => shareAPort(one, api) && !areVersions(api, one, place));
        if (other === undefined) continue;
        const message = `the APIs ${other.name} and ${api.name} are both at ${place} on ${host}`;
        problems.error("api-overlap", api.at, message, "give one of them another path, host, version or revision");
      }
    }
  }
}

/** One without ports is at every listener: beside one that names them it would be there twice. */
function shareAPort(one: Api, other: Api): boolean {
  if (one.ports === undefined || other.ports === undefined) return true;
  return one.ports.some((port) => other.ports?.includes(port) === true);
}

function placesOf({ path, version, revision }: Api): readonly string[] {
  const asked = version === null || version.scheme.kind === "segment" ? [] : namesAsked(version);
  const numbered = revision === null ? [] : [`${path};rev=${revision.number}`];
  const current = revision?.current !== false;
  const paths = [...(current ? [path] : []), ...numbered];
  return [...paths, ...paths.flatMap((one) => asked.map((name) => `${one} with ${name}`))];
}

function namesAsked({ name, isDefault }: NonNullable<Api["version"]>): readonly string[] {
  const own = name === "" ? [] : [`version ${name}`];
  return name === "" || isDefault ? [...own, "no version"] : own;
}

/** The path itself is what versions of one set share. */
function areVersions(one: Api, other: Api, place: string): boolean {
  if (place.includes(" with ") || one.version === null || one.version.scheme.kind === "segment") return false;
  return one.version.set === other.version?.set;
}
