import { revisionEnd } from "#edge/revision-mark.ts";
import type { LimitedBody } from "#edge/edge-types.ts";
import { removeOwnCookies } from "#identity/login/authenticate-session.ts";
import { type Outcome, type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Route } from "#model/snapshot.ts";
import { believePeer } from "#pipeline/believe-peer.ts";
import type { Deciding } from "#pipeline/passage.ts";
import { compressorOf } from "#pipeline/linked.ts";
import type { LinkedDecisions } from "#pipeline/linked-decisions.ts";
import { RouteMatch } from "#pipeline/router.ts";
import { withoutNominated } from "#wire/hop-by-hop.ts";
import { judgeUpgrade } from "./upgrade.ts";
import { preflightMethod } from "./preflight.ts";

const semicolon = 0x3b;

/** One for the thread: a match is read before anything else can run. */
const match = new RouteMatch();

/** Host, path and method → one operation. From here on the exchange knows its API, backend and limits. */
export function route({ exchange, linked }: Deciding): Outcome {
  const outcome = find(exchange, linked);
  if (exchange.route === null) removeOwnCookies(exchange);
  return outcome ?? (exchange.facts.upgrade === null ? undefined : judgeUpgrade(exchange));
}

function find(exchange: Exchange, linked: LinkedDecisions): Outcome {
  const { host, method, path } = exchange.facts;
  const result = linked.router.match(host, method, path, match, exchange.facts);
  if (result === "found") return take(exchange, linked);
  if (result === "not-found") return refuse("route-not-found");
  const { allowed } = match;
  // A preflight asks for another method's sake: it belongs to the operation of that method.
  const meant = preflightMethod(exchange);
  if (meant !== undefined && linked.router.match(host, meant, path, match, exchange.facts) === "found")
    return take(exchange, linked);
  return refuse("method-not-allowed", { headers: ["Allow", allowed.join(", ")] });
}

function take(exchange: Exchange, linked: LinkedDecisions): Refusal | undefined {
  const { snapshot, proxies, maintenance } = linked;
  const { request, facts } = exchange;
  const found = snapshot.routes[match.route] as Route;
  const apiEnd = endOfApi(facts.path, found.apiPathLength);
  if (apiEnd < 0) return refuse("malformed-path", { detail: "no revision of an API is meant by its semicolon" });
  exchange.route = found;
  exchange.api = snapshot.apis[found.api] ?? null;
  exchange.deployment = snapshot.deployment;
  exchange.ownCertificates = linked.ownCertificates;
  exchange.serviceUrls = linked.serviceUrls;
  const ofApi = proxies[found.api] ?? null;
  if (ofApi !== null) believePeer(exchange, ofApi);
  exchange.parameters = match.parameters;
  // What the API's own path leaves over goes below the backend's base URL.
  request.headers = withoutNominated(facts.headers);
  // Before any policy can see them, those of on-error among them.
  removeOwnCookies(exchange);
  request.path = pathBelow(facts.path.slice(apiEnd), found);
  request.backend = found.backend;
  request.timeoutMs = found.timeoutMs;
  request.streamIdleMs = snapshot.edge.limits.streamIdleTimeoutMs;
  // Now, so that a cache in the inbound section finds conditions in the origin's words as well.
  compressorOf(linked, exchange)?.prepare(exchange);
  const tooLarge = limitBody(facts.body as LimitedBody | null, found.bodyBytes);
  return maintenance[found.id]?.early(exchange) ?? tooLarge;
}

function pathBelow(rest: string, { rootSlash }: Route): string {
  if (rootSlash === false && rest === "/") return "";
  return rootSlash === false ? rest : rest || "/";
}

/**
 * Where the API's own path ends: behind the mark of a revision, when one was asked for. Any other semicolon is none of
 * ours: a server that cuts it off with what follows would match another path than was judged.
 *
 * @returns -1 for such a path
 */
function endOfApi(path: string, apiPathLength: number): number {
  if (!path.includes(";")) return apiPathLength;
  const end = path.charCodeAt(apiPathLength) === semicolon ? revisionEnd(path, apiPathLength) : -1;
  return end < 0 || path.includes(";", end) ? -1 : end;
}

/** A length that was declared is refused before a byte is read. */
function limitBody(body: LimitedBody | null, limit: number): Refusal | undefined {
  if (body === null) return undefined;
  body.setLimit(limit);
  const tooLarge = body.length !== undefined && body.length > limit;
  return tooLarge ? refuse("body-too-large", { detail: `${body.length} bytes declared, limit ${limit}` }) : undefined;
}
