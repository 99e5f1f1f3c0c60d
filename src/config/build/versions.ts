import type { ApiRevision, ApiVersion } from "#model/definition.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApiInput } from "#config/table/api.ts";
import type { RootInput } from "#config/table/root.ts";
import type { VersionSetInput } from "#config/table/version-set.ts";

/** Which version of its set an API is; null: it has none, or says it wrongly, which {@link checkVersionSets} reports. */
export function buildVersion({ value }: Named<ApiInput>, { versionSets }: RootInput): ApiVersion | null {
  const set = versionSets.find(({ name }) => name === value.versionSet?.value);
  const scheme = set && schemeOf(set.value);
  if (set === undefined || scheme === undefined) return null;
  const name = value.version?.value ?? "";
  return { set: set.name, name, scheme, isDefault: name !== "" && set.value.default?.value === name };
}

export function buildRevision({ value }: Named<ApiInput>): ApiRevision | null {
  return value.revision === undefined ? null : { number: value.revision, current: value.current };
}

/** Path at which a version is served. */
export function versionedPath(path: string, version: ApiVersion | null): string {
  if (version === null || version.scheme.kind !== "segment" || version.name === "") return path;
  return path === "/" ? `/${version.name}` : `${path}/${version.name}`;
}

function schemeOf({ segment, header, query }: VersionSetInput): ApiVersion["scheme"] | undefined {
  if (segment) return { kind: "segment" };
  if (header !== undefined) return { kind: "header", parameter: header };
  return query === undefined ? undefined : { kind: "query", parameter: query };
}

export function checkVersionSets({ versionSets, apis }: RootInput, problems: Problems): void {
  for (const { name, at, value } of versionSets) {
    const given = [value.segment, value.header !== undefined, value.query !== undefined].filter(Boolean).length;
    if (given !== 1) {
      const message = `the version set ${name} says in ${given} ways which version a request wants`;
      problems.error(
        "value-invalid",
        at,
        message,
        "write one of segment: true, header: Api-Version, query: api-version",
      );
    }
    const members = apis.filter((api) => api.value.versionSet?.value === name);
    const wanted = value.default;
    if (wanted !== undefined && !members.some((api) => api.value.version?.value === wanted.value)) {
      problems.error("reference-unknown", wanted.at, `no API of ${name} has the version ${wanted.value}`);
    }
  }
  for (const api of apis) checkMember(api, versionSets, problems);
}

function checkMember(
  { name, at, value }: Named<ApiInput>,
  sets: readonly Named<VersionSetInput>[],
  problems: Problems,
): void {
  const { versionSet, version, revision, current } = value;
  if (version !== undefined && versionSet === undefined) {
    problems.error("key-missing", version.at, `${name} has a version, but no versionSet`, "name the set that it is in");
  }
  if (versionSet !== undefined && !sets.some((set) => set.name === versionSet.value)) {
    const fix = `define it: versionSets: { ${versionSet.value}: { header: Api-Version } }`;
    problems.error("reference-unknown", versionSet.at, `there is no version set ${versionSet.value}`, fix);
  }
  if (!current && revision === undefined) {
    problems.error(
      "key-missing",
      at,
      `${name} is not current and has no revision: nobody could ask for it`,
      "number it",
    );
  }
}
