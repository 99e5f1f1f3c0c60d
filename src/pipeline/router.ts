import type { HostTable, RouteNode, RoutePattern, RouteQuery, RouterTable } from "#model/snapshot.ts";
import { parentDomain } from "./parent-domain.ts";
import { nothingSent, type Sent, versionWanted } from "./version-wanted.ts";
import { allowedMethods } from "./allowed-methods.ts";
import { routeParameterNames } from "./route-parameter-names.ts";
import { fitsPattern, placePattern } from "./segment-pattern.ts";
import { fitOf, queriesByRoute, withQuery } from "./query-match.ts";
import { noParameters, type Parameters, readParameters } from "./route-parameters.ts";

export type MatchResult = "found" | "not-found" | "method-not-allowed";

/** Where {@link Router.match} puts what it found; one object serves all requests of a worker. */
export class RouteMatch {
  /** Index in `Snapshot.routes`, or -1. */
  route: number = -1;
  /** Percent-decoded; frozen and shared when the route has none. Has no prototype. */
  parameters: Parameters = noParameters;
  /** Sorted; filled for `method-not-allowed` only. */
  allowed: readonly string[] = none;
}

const none: readonly string[] = Object.freeze([]);
const slash = 0x2f;

export function createRouter(table: RouterTable): Router {
  return new Router(table);
}

/**
 * Finds the route of a request. On each segment a literal beats `{name}.json`, which beats
 * `{name}`, which beats `{*rest}`; a place without the
 * request's method is passed over. Goes back to a parameter where a literal led nowhere: how often that can happen is
 * bounded when the table is compiled, so neither the number of routes nor the client's path makes it slow.
 *
 * A path that is one operation's but for a slash at its end is not a broader one's: it is not found, unless a template
 * with the slash, or the operation's own `{*rest}`, says otherwise.
 *
 * The exact host's trie is tried first, then the wildcard's, then the one for any host.
 */
export class Router {
  readonly #table: RouterTable;
  readonly #names: readonly (readonly string[])[];
  /** Start and end of each parameter's value in the path, for the way taken. */
  readonly #places: Int32Array;
  readonly #queries: ReadonlyMap<number, RouteQuery> | null;
  #path: string = "";
  #sent: Sent = nothingSent;
  /** Read where a route has rules for it. */
  #query: URLSearchParams | null = null;
  #method: string = "";
  /** Some template fits the path, but not with this method. */
  #otherMethod: boolean = false;
  /** Without its last slash the path is an operation of its own. */
  #slashed: boolean = false;
  /** An operation's query is there, with another value beside it. */
  #twofold: boolean = false;

  constructor(table: RouterTable) {
    this.#table = table;
    this.#names = routeParameterNames(table);
    const most = this.#names.reduce((longest, names) => Math.max(longest, names.length), 0);
    this.#places = new Int32Array(2 * (most + 1));
    this.#queries = queriesByRoute(table.queries);
  }

  /**
   * @param host lower case, without port
   * @param path normalised; starts with a slash
   * @param sent says which version is wanted, where an API has several
   */
  match(host: string, method: string, path: string, into: RouteMatch, sent: Sent = nothingSent): MatchResult {
    into.route = -1;
    into.parameters = noParameters;
    into.allowed = none;
    if (path.charCodeAt(0) !== slash) return "not-found";
    this.#path = path;
    this.#sent = sent;
    this.#method = method;
    this.#otherMethod = false;
    this.#slashed = false;
    this.#twofold = false;
    this.#query = null;
    const route = this.#search(host);
    if (route < 0) return this.#miss(host, into);
    if (this.#slashed || this.#twofold) return "not-found";
    const names = this.#names[route] as readonly string[];
    into.route = route;
    if (names.length > 0) into.parameters = readParameters(path, names, this.#places);
    const rules = this.#queries?.get(route)?.rules;
    if (rules !== undefined) into.parameters = withQuery(into.parameters, rules, this.#sentQuery());
    return "found";
  }

  #search(host: string): number {
    const { exactHosts, wildcardHosts, anyHost } = this.#hosts();
    let route = this.#searchTrie(exactHosts.get(host));
    if (route < 0) route = this.#searchTrie(wildcardHosts.get(parentDomain(host)));
    return route < 0 ? this.#searchTrie(anyHost) : route;
  }

  /** Those of the port that the request came in at, where APIs name it. */
  #hosts(): HostTable {
    const { ports } = this.#table;
    return ports?.get(this.#sent.localPort ?? 0) ?? this.#table;
  }

  #searchTrie(index: number | undefined): number {
    const root = index === undefined ? undefined : this.#table.tries[index];
    return root === undefined ? -1 : this.#walk(root, 1, 0);
  }

  /**
   * @param at where the next segment starts; beyond the end when there is none
   * @param depth parameters met so far
   */
  #walk(node: RouteNode, at: number, depth: number): number {
    const route = this.#walkHere(node, at, depth);
    if (route >= 0 || node.versions === null) return route;
    const version = versionWanted(node.versions, this.#sent);
    return version === null ? -1 : this.#walk(version, at, depth);
  }

  #walkHere(node: RouteNode, at: number, depth: number): number {
    const path = this.#path;
    if (at > path.length) return this.#end(node, depth);
    const found = path.indexOf("/", at);
    const end = found < 0 ? path.length : found;
    const segment = path.slice(at, end);
    const child = node.literals?.get(segment);
    let route = child === undefined ? -1 : this.#walk(child, end + 1, depth);
    if (route < 0 && node.patterns !== null) route = this.#walkPatterns(node.patterns, segment, at, depth);
    if (route >= 0) return route;
    const other = this.#walkParameter(node, at, end, depth);
    if (other < 0 && at === path.length && node.methods !== null) this.#slashed ||= this.#takes(node.methods);
    return other;
  }

  /**
   * Most servers take `/orders/secret/` for `/orders/secret`. A broader template that served it would be a way past the
   * narrower one's policies.
   */
  #takes(methods: ReadonlyMap<string, number>): boolean {
    return methods.has(this.#method) || methods.has("*") || (this.#method === "HEAD" && methods.has("GET"));
  }

  #walkPatterns(patterns: readonly RoutePattern[], segment: string, at: number, depth: number): number {
    for (const pattern of patterns) {
      if (!fitsPattern(pattern, segment)) continue;
      const route = this.#walk(pattern.node, at + segment.length + 1, depth + pattern.names.length);
      if (route < 0) continue;
      placePattern(pattern, segment, at, this.#places, depth);
      return route;
    }
    return -1;
  }

  #walkParameter(node: RouteNode, at: number, end: number, depth: number): number {
    const { parameter, rest } = node;
    if (parameter !== null && end > at) {
      const route = this.#walk(parameter.node, end + 1, depth + 1);
      if (route >= 0) return this.#keep(route, depth, at, end);
    }
    if (rest === null) return -1;
    return this.#keep(this.#pick(rest.methods), depth, at, this.#path.length);
  }

  #end(node: RouteNode, depth: number): number {
    const route = node.methods === null ? -1 : this.#pick(node.methods);
    if (route >= 0 || node.rest === null) return route;
    return this.#keep(this.#pick(node.rest.methods), depth, this.#path.length, this.#path.length);
  }

  /** Notes a parameter's place on the way back from a match, so that ways that led nowhere leave nothing. */
  #keep(route: number, depth: number, start: number, end: number): number {
    if (route < 0) return route;
    this.#places[2 * depth] = start;
    this.#places[2 * depth + 1] = end;
    return route;
  }

  /** HEAD is answered by GET's route unless it has one of its own (RFC 9110 §9.3.2). */
  #pick(methods: ReadonlyMap<string, number>): number {
    const own = methods.get(this.#method) ?? (this.#method === "HEAD" ? methods.get("GET") : undefined);
    const route = own === undefined ? -1 : this.#fitting(own);
    if (route >= 0) return route;
    const any = methods.get("*");
    if (any !== undefined) return this.#fitting(any);
    if (own === undefined) this.#otherMethod = true;
    return -1;
  }

  /** The first of the routes at one place whose query is there. */
  #fitting(first: number): number {
    if (this.#queries === null) return first;
    for (let route = first; route >= 0;) {
      const query = this.#queries.get(route);
      if (query === undefined) return route;
      const fit = fitOf(query.rules, this.#sentQuery());
      if (fit === "fits") return route;
      this.#twofold ||= fit === "twofold";
      route = query.next;
    }
    return -1;
  }

  #sentQuery(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.#sent.query));
  }

  #miss(host: string, into: RouteMatch): MatchResult {
    if (!this.#otherMethod) return "not-found";
    const { exactHosts, wildcardHosts, anyHost, tries } = this.#table;
    const indexes = [exactHosts.get(host), wildcardHosts.get(parentDomain(host)), anyHost];
    const roots = indexes.flatMap((index) => (index === undefined ? [] : (tries[index] ?? [])));
    into.allowed = allowedMethods(roots, this.#path, this.#sent);
    return "method-not-allowed";
  }
}
