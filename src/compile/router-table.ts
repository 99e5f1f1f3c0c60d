import type { QueryRule } from "#model/query-rule.ts";
import type { HostTable, RouteNode, RouterTable } from "#model/snapshot.ts";
import type { ApiRevision, ApiVersion } from "#model/definition.ts";
import { invalid } from "./invalid.ts";
import { type RouteQueries, routeQueries } from "./route-queries.ts";
import { joinTemplate, parameterNames, parseTemplate, type TemplateSegment } from "./template.ts";
import { buildTrie, type TrieEntry, type VersionStep } from "./trie.ts";
import { assertBounded } from "./walk-bound.ts";

/** What routing needs to know of an API. Route ids count from `firstRoute` in the order of `operations`. */
export interface RoutedApi {
  readonly hosts: readonly string[];
  /** Absent: any. */
  readonly ports?: readonly number[];
  readonly path: string;
  readonly version: ApiVersion | null;
  readonly revision: ApiRevision | null;
  readonly firstRoute: number;
  readonly operations: readonly {
    readonly method: string;
    readonly template: string;
    readonly query?: readonly QueryRule[];
  }[];
}

/**
 * Hosts with the same APIs share one trie.
 * @param onlyNamed ports where an API that does not name them is not served
 * @throws GatewayError `definition-invalid`
 */
export function buildRouterTable(apis: readonly RoutedApi[], onlyNamed: ReadonlySet<number> = new Set()): RouterTable {
  const queried = apis.map(({ operations, firstRoute }) => routeQueries(operations, firstRoute));
  const entries = apis.map((api, index) => entriesOf(api, queried[index]?.first ?? new Map()));
  const tries = new Tries(entries);
  const ports = [...new Set(apis.flatMap((api) => api.ports ?? []))];
  const served = (port: number): ReturnType<typeof groupHosts> =>
    groupHosts(apis, (api) => api.ports?.includes(port) ?? !onlyNamed.has(port));
  const everywhere = groupHosts(apis, (api) => api.ports === undefined);
  return {
    ...hostTable(everywhere, tries),
    ...(ports.length === 0 ? {} : { ports: new Map(ports.map((port) => [port, hostTable(served(port), tries)])) }),
    tries: tries.all,
    parameterNames: namesOf(entries.flat()),
    ...queriesOf(queried),
  };
}

function hostTable(groups: readonly HostGroup[], tries: Tries): HostTable {
  const places = groups.flatMap((group) => {
    const index = tries.of(group);
    return group.hosts.map((host) => [host, index] as const);
  });
  const any = groups.find(({ hosts }) => hosts.length === 0);
  return {
    exactHosts: new Map(places.filter(([host]) => !host.startsWith("*."))),
    wildcardHosts: new Map(places.flatMap(([host, at]) => (host.startsWith("*.") ? [[host.slice(2), at]] : []))),
    anyHost: any === undefined ? -1 : tries.of(any),
  };
}

/** The same APIs at several ports, or hosts, have one trie. */
class Tries {
  readonly all: RouteNode[] = [];
  readonly #entries: readonly (readonly TrieEntry[])[];
  readonly #known = new Map<string, number>();

  constructor(entries: readonly (readonly TrieEntry[])[]) {
    this.#entries = entries;
  }

  of({ hosts, members }: HostGroup): number {
    const key = members.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const trie = buildTrie(members.flatMap((index) => this.#entries[index] ?? []));
    assertBounded(trie, hosts.join(", ") || "any host");
    this.#known.set(key, this.all.length);
    return this.all.push(trie) - 1;
  }
}

function queriesOf(queried: readonly RouteQueries[]): Pick<RouterTable, "queries"> {
  const queries = queried.flatMap(({ list }) => list);
  return queries.length === 0 ? {} : { queries };
}

/** Lists that are alike are one. */
function namesOf(entries: readonly TrieEntry[]): readonly (readonly string[])[] {
  const known = new Map<string, readonly string[]>();
  const byRoute: (readonly string[])[] = [];
  for (const { id, segments } of entries) {
    const names = parameterNames(segments);
    const key = names.join("/");
    const same = known.get(key);
    if (same === undefined) known.set(key, names);
    byRoute[id] = same ?? names;
  }
  return byRoute;
}

function entriesOf(api: RoutedApi, first: ReadonlyMap<number, number>): TrieEntry[] {
  const depth = parseTemplate(api.path).length;
  const steps = versionSteps(api, depth);
  return api.operations.flatMap(({ method, template }, index) => {
    const whole = joinTemplate(api.path, template);
    const segments = parseTemplate(whole);
    const id = api.firstRoute + index;
    const entry = { id, first: first.get(id) ?? id, method, template: whole, apiRoot: template === "/" };
    const places = placesOf(api, segments, depth);
    return places.flatMap((place) => steps.map((version) => ({ ...entry, segments: place, version })));
  });
}

/** A version that is the default has two: asked for, and not. */
function versionSteps({ version }: RoutedApi, depth: number): readonly (VersionStep | null)[] {
  if (version === null || version.scheme.kind === "segment") return [null];
  const { kind: by, parameter } = version.scheme;
  const names = version.name === "" ? [null] : version.isDefault ? [version.name, null] : [version.name];
  return names.map((name) => ({ by, parameter, name, depth }));
}

/** At the API's path when it is current, and at that path with `;rev=N` when it has a number. */
function placesOf(
  { path, revision }: RoutedApi,
  segments: readonly TemplateSegment[],
  depth: number,
): readonly (readonly TemplateSegment[])[] {
  if (revision === null) return [segments];
  const last = segments[depth - 1];
  if (last?.kind !== "literal") throw invalid(`the API at ${path} has no segment to write its revision behind`);
  const numbered = segments.with(depth - 1, { kind: "literal", text: `${last.text};rev=${revision.number}` });
  return revision.current ? [segments, numbered] : [numbered];
}

interface HostGroup {
  /** Empty: any host. */
  readonly hosts: string[];
  /** Indexes of the APIs that all these hosts serve, and no others. */
  readonly members: readonly number[];
}

function groupHosts(apis: readonly RoutedApi[], isServed: (api: RoutedApi) => boolean): readonly HostGroup[] {
  const members = new Map<string, number[]>();
  const anyHost: number[] = [];
  for (const [index, api] of apis.entries()) {
    if (!isServed(api)) continue;
    if (api.hosts.length === 0) anyHost.push(index);
    for (const host of new Set(api.hosts)) append(members, host, index);
  }
  const groups = new Map<string, HostGroup>();
  for (const [host, indexes] of members) {
    const key = indexes.join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { hosts: [host], members: indexes });
    else group.hosts.push(host);
  }
  return anyHost.length === 0 ? [...groups.values()] : [...groups.values(), { hosts: [], members: anyHost }];
}

function append(lists: Map<string, number[]>, key: string, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
