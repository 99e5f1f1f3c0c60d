import type { Backend } from "#model/definition.ts";
import type { BalancePolicy } from "#model/balancing.ts";
import type { CaddyNote, CaddyStep } from "./plan.ts";
import type { ExportSettings } from "./settings.ts";

/** Our name → Caddy's, in Debian's release as well. */
const balancing: Readonly<Partial<Record<BalancePolicy, string>>> = {
  "round-robin": "round_robin",
  random: "random",
  "random-choose": "random_choose",
  first: "first",
  "least-conn": "least_conn",
  "ip-hash": "ip_hash",
  "uri-hash": "uri_hash",
  header: "header",
};

/** Since 2.7. */
const newer: Readonly<Partial<Record<BalancePolicy, string>>> = { "client-ip-hash": "client_ip_hash", query: "query" };

/** How Caddy is to forward to an application itself. */
export function applicationProxy(backend: Backend, settings: ExportSettings, notes: CaddyNote[]): readonly CaddyStep[] {
  const add = (severity: CaddyNote["severity"], what: string, message: string, fix: string): void => {
    notes.push({ severity, code: `export-${what}`, place: `backends.${backend.name}`, message, fix });
  };
  for (const [what, message] of obstacles(backend)) {
    add("error", what, message, "have Caddy in front, where this gateway forwards");
  }
  for (const what of leftBehind(backend)) {
    add("changed", "left-behind", `Caddy forwards by itself, without ${what}`, "write what you need into Caddy's own");
  }
  const places = backend.targets.map(({ url }) => placeOf(url));
  const [first] = places;
  if (first === undefined) return [];
  if (places.some(({ tls, base }) => tls !== first.tls || base !== first.base)) {
    const message = "its addresses differ in scheme or base path, and Caddy has one for all";
    add("error", "addresses", message, "give each its own backend, or have Caddy in front");
  }
  const prefix: readonly CaddyStep[] = first.base === "" ? [] : [{ kind: "add-prefix", prefix: first.base }];
  const host = backend.host === "upstream" ? [{ name: "Host", value: "{http.reverse_proxy.upstream.hostport}" }] : [];
  return [
    ...prefix,
    {
      kind: "proxy",
      dials: places.map(({ dial }) => dial),
      tls: first.tls,
      removed: ["Forwarded"],
      set: host,
      trusted: settings.trusted,
      balance: places.length > 1 ? balanceOf(backend, settings, add) : null,
      version: backend.protocol === "h2c" ? "h2c" : null,
    },
  ];
}

type Add = (severity: CaddyNote["severity"], what: string, message: string, fix: string) => void;

function balanceOf({ balance, targets }: Backend, { target }: ExportSettings, add: Add): readonly string[] | null {
  const name = balancing[balance.policy] ?? (target === "2.6" ? undefined : newer[balance.policy]);
  const isPlain = targets.every(
    ({ weight, priority }) => weight === targets[0]!.weight && priority === targets[0]!.priority,
  );
  if (name === undefined || !isPlain) {
    const what = name === undefined ? balance.policy : "weights and priorities";
    add("error", "balance", `Caddy ${target} has nothing for ${what}`, "have Caddy in front, or balance otherwise");
    return null;
  }
  if (balance.policy === "random-choose") return [name, String(balance.choices)];
  return balance.name === "" ? [name] : [name, balance.name];
}

function* obstacles(backend: Backend): Generator<readonly [string, string]> {
  if (backend.credentials !== null) yield ["credentials", "its credentials are secrets that Caddy does not have"];
  if (backend.tls !== null || backend.ca !== null) yield ["backend-tls", "its certificates are not told to Caddy"];
  if (backend.discover !== null) yield ["discovery", "its addresses are looked up by this gateway"];
  if (backend.proxyProtocol !== null) yield ["backend-proxy-protocol", "Caddy 2.6 does not speak the PROXY protocol"];
}

function* leftBehind(backend: Backend): Generator<string> {
  if (backend.health !== null || backend.passiveHealth !== null) yield "health checks";
  if (backend.circuitBreaker !== null || backend.outliers !== null) yield "circuit breaker and outlier ejection";
  if (backend.sticky !== null) yield "sticky sessions";
  if (backend.retries !== null) yield "retries";
}

function placeOf(url: string): { readonly dial: string; readonly tls: boolean; readonly base: string } {
  if (url.startsWith("unix:")) return { dial: `unix/${url.slice("unix:".length)}`, tls: false, base: "" };
  const { protocol, hostname, port, pathname } = new URL(url);
  const tls = protocol === "https:";
  return {
    dial: `${hostname}:${port === "" ? (tls ? 443 : 80) : port}`,
    tls,
    base: pathname.replace(/\/+$/, ""),
  };
}
