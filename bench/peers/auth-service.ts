import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { AuthServiceFacts } from "./auth-service-facts.ts";

/**
 * Entry of the service behind Caddy's forward_auth: small, and as one would write it with node:http and jose. It knows
 * the subscription keys, verifies an RS256 token with issuer, audience, expiry and scope, counts by caller, and says who
 * the caller is. Keys of the issuer are held in memory.
 */
interface Window {
  readonly until: number;
  count: number;
}

const callsPerMinute = 1_000_000_000;
const facts = JSON.parse(process.env["BENCH_AUTH_SERVICE"] ?? "") as AuthServiceFacts;
const keys = new Set(facts.keys);
const keySet = createLocalJWKSet(facts.jwks);
const windows = new Map<string, Window>();

function isWithinRate(caller: string): boolean {
  const now = Date.now();
  let window = windows.get(caller);
  if (window === undefined || window.until <= now) windows.set(caller, (window = { until: now + 60_000, count: 0 }));
  window.count += 1;
  return window.count <= callsPerMinute;
}

async function callerOf(headers: IncomingHttpHeaders): Promise<string | undefined> {
  const key = headers["ocp-apim-subscription-key"];
  const token = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
  if (typeof key !== "string" || !keys.has(key) || token === undefined) return undefined;
  const { issuer, audience } = facts;
  const { payload } = await jwtVerify(token, keySet, { issuer, audience, algorithms: ["RS256"] });
  const scopes = String(payload["scope"] ?? "").split(" ");
  return scopes.includes(facts.scope) ? payload.sub : undefined;
}

async function statusOf(request: IncomingMessage, response: ServerResponse): Promise<number> {
  const caller = await callerOf(request.headers).catch(() => undefined);
  if (caller === undefined) return 401;
  response.setHeader("x-caller", caller);
  return isWithinRate(caller) ? 200 : 429;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(await statusOf(request, response), { "content-length": 0 }).end();
}

const server = createServer((request, response) => void answer(request, response));
server.keepAliveTimeout = 3_600_000;
server.listen(facts.port, "127.0.0.1");
