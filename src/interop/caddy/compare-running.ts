type Json = Readonly<Record<string, unknown>>;

/** Where what Caddy runs is another thing than what is exported; `place` is below the route of `host`. */
export interface CaddyDifference {
  readonly host: string;
  readonly place: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface CaddyComparison {
  readonly differences: readonly CaddyDifference[];
  /** Hosts that are as they should be. */
  readonly same: readonly string[];
  /** Hosts that Caddy serves and the definition does not have. */
  readonly others: readonly string[];
}

interface Route {
  readonly match?: readonly { readonly host?: readonly string[] }[];
  readonly handle?: unknown;
}

/**
 * What is exported and what Caddy's admin API says that it runs, route by route of its hosts: routes of other hosts,
 * logging and the like are its own. Order of routes does not count where each has hosts of its own.
 */
export function compareRunning(exported: Json, running: Json): CaddyComparison {
  const expected = routesByHost(exported);
  const actual = routesByHost(running);
  const differences: CaddyDifference[] = [];
  const same: string[] = [];
  for (const [host, route] of expected) {
    const found = actual.get(host);
    const own: CaddyDifference[] = [];
    if (found === undefined) own.push({ host, place: "", expected: "a route", actual: undefined });
    else
      compare(route.handle, found.handle, "", (place, was, is) => own.push({ host, place, expected: was, actual: is }));
    if (own.length === 0) same.push(host);
    differences.push(...own);
  }
  return { differences, same, others: [...actual.keys()].filter((host) => !expected.has(host)) };
}

/** The first route that names a host has its requests. */
function routesByHost(config: Json): ReadonlyMap<string, Route> {
  const found = new Map<string, Route>();
  const { servers = {} } =
    (config as { apps?: { http?: { servers?: Record<string, { routes?: Route[] }> } } }).apps?.http ?? {};
  for (const { routes = [] } of Object.values(servers)) {
    for (const route of routes) {
      for (const host of route.match?.flatMap((one) => one.host ?? []) ?? [])
        if (!found.has(host)) found.set(host, route);
    }
  }
  return found;
}

type Tell = (place: string, expected: unknown, actual: unknown) => void;

function compare(expected: unknown, actual: unknown, place: string, tell: Tell): void {
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    for (const [at, item] of expected.entries()) compare(item, actual[at], `${place}[${at}]`, tell);
  } else if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compare(expected[key], actual[key], place === "" ? key : `${place}.${key}`, tell);
    }
  } else if (JSON.stringify(expected) !== JSON.stringify(actual)) tell(place, expected, actual);
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
