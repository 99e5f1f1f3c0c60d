import type { Globals } from "#interop/caddyfile/globals/globals.ts";
import type { Report, Place } from "#interop/caddyfile/report/report.ts";
import type { Address } from "#interop/caddyfile/site/address.ts";
import type { TlsWishes } from "#interop/caddyfile/site/tls.ts";
import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import type { Draft } from "./draft.ts";

export interface PlacedSite {
  readonly addresses: readonly (Address & { readonly secure: boolean })[];
  readonly bind: readonly string[];
  readonly api: Readonly<Record<string, unknown>>;
  readonly at: Place;
}

/** Listeners, certificates, and an API for each site: what only all sites together can say. */
export function writeEdge(
  sites: readonly PlacedSite[],
  globals: Globals,
  wishes: TlsWishes,
  draft: Draft,
  report: Report,
): void {
  const all = sites.flatMap(({ addresses }) => addresses);
  const secure = portsOf(all.filter((one) => one.secure));
  const clear = portsOf(all.filter((one) => !one.secure));
  const both = secure.find((port) => clear.includes(port));
  if (both !== undefined)
    throw new CaddyfileError(`port ${both} is for HTTPS and for clear text`, sites[0]?.at ?? { file: "", line: 1 });
  writeTls(sites, secure, globals, wishes, draft, report);
  const binds = bindsOf(sites, globals);
  const redirecting = secure.length > 0 && globals.redirects && !clear.includes(globals.http) ? [globals.http] : [];
  const places = (ports: readonly number[]): readonly string[] =>
    ports.flatMap((port) => placesAt(port, binds, report, sites[0]?.at));
  if (secure.length > 0 && !globals.redirects && clear.length === 0 && sites[0] !== undefined) {
    report.say(
      "looks-different",
      sites[0].at,
      "no redirects to HTTPS: a listener on loopback alone sends whoever finds it there",
    );
  }
  const http = places([...clear, ...redirecting]);
  draft.edge["listen"] = {
    ...(secure.length === 0 ? {} : { https: places(secure) }),
    http: http.length === 0 ? ["127.0.0.1:8080"] : http,
  };
  const several = secure.length + clear.length > 1;
  for (const site of sites) writeApis(site, several || redirecting.length > 0, draft);
  if (sites[0] !== undefined) {
    report.say(
      "served-to-everyone",
      sites[0].at,
      "Caddy served all of this to everyone, so each API says access: public",
    );
    report.say(
      "stricter",
      sites[0].at,
      "hosts that no site names get 404, and paths with an encoded slash, a twice encoded character or a semicolon 400; requests, headers and bodies are bounded by edge.limits",
    );
  }
}

function portsOf(addresses: readonly Address[]): readonly number[] {
  return [...new Set(addresses.map(({ port }) => port))].toSorted((a, b) => a - b);
}

function bindsOf(sites: readonly PlacedSite[], { bind }: Globals): readonly string[] {
  const own = [...new Set(sites.flatMap((site) => site.bind))];
  return own.length > 0 ? own : bind;
}

function placesAt(port: number, binds: readonly string[], report: Report, at: Place | undefined): readonly string[] {
  if (binds.length === 0) return [`:${port}`];
  return binds.map((bind) => {
    const text = bind.replace(/^tcp[46]?\//, "");
    if (text.startsWith("unix/")) return `unix:${text.slice(5)}`;
    if (/^(?:udp|fd)/.test(text) && at !== undefined) report.say("value-unsupported", at, `bind ${bind}`);
    if (text === "0.0.0.0" || text === "[::]" || text === "::") return `${text === "0.0.0.0" ? text : "[::]"}:${port}`;
    return `${text.includes(":") && !text.startsWith("[") ? `[${text}]` : text}:${port}`;
  });
}

function writeTls(
  sites: readonly PlacedSite[],
  secure: readonly number[],
  globals: Globals,
  wishes: TlsWishes,
  draft: Draft,
  report: Report,
): void {
  if (secure.length === 0) {
    draft.edge["https"] = "off";
    return;
  }
  const isInternal = wishes.public.size === 0 || globals.localCerts;
  draft.edge["https"] = isInternal ? "internal" : "auto";
  if (!isInternal && wishes.internal.size > 0) mixed(sites, wishes, report);
  if (wishes.onDemand) writeOnDemand(globals, isInternal, draft, report, sites[0]?.at);
  if (wishes.clientAuth !== null) {
    const { mode, ca, internalCa } = wishes.clientAuth;
    draft.edge["clientCertificates"] = {
      mode,
      ...(ca.length === 0 ? {} : { ca }),
      ...(internalCa ? { internalCa } : {}),
    };
  }
}

/** Names that look private are the internal CA's anyway. */
function mixed(sites: readonly PlacedSite[], { internal }: TlsWishes, report: Report): void {
  for (const { addresses, at } of sites) {
    const isAsked = addresses.some(({ token }) => internal.has(token.text) || internal.has(`${token.text},`));
    const isPublic = addresses.some(
      ({ host }) =>
        host.includes(".") &&
        !/(?:^|\.)(?:localhost|local|internal|test|home\.arpa|lan|intranet)$|^[\d.]+$|:/.test(host),
    );
    if (isAsked && isPublic) {
      report.say(
        "value-unsupported",
        at,
        "tls internal for a public name, beside names that have certificates of a public authority",
      );
    }
  }
}

function writeOnDemand(
  { ask }: Globals,
  isInternal: boolean,
  draft: Draft,
  report: Report,
  at: Place | undefined,
): void {
  if (isInternal) {
    if (at !== undefined)
      report.say("own-way", at, "on_demand: the internal CA makes certificates for every host of the APIs beforehand");
  } else if (ask !== null) draft.acme["onDemand"] = { ask };
  else if (at !== undefined) {
    draft.acme["onDemand"] = { ask: "{{on-demand-ask}}" };
    draft.values.set("on-demand-ask", "");
    report.say(
      "needs-value",
      at,
      "on_demand: a service that says which names may have a certificate (on_demand_tls ask)",
    );
  }
}

/** Hosts that are at the same ports are one API. */
function writeApis({ addresses, api }: PlacedSite, withPorts: boolean, draft: Draft): void {
  const byHost = new Map<string, Set<number>>();
  for (const { host, port } of addresses) byHost.set(host, (byHost.get(host) ?? new Set()).add(port));
  const groups = new Map<string, { readonly hosts: string[]; readonly ports: readonly number[] }>();
  for (const [host, ports] of byHost) {
    const key = `${host === ""} ${[...ports].toSorted((a, b) => a - b).join()}`;
    const group = groups.get(key) ?? { hosts: [], ports: [...ports] };
    if (host !== "") group.hosts.push(host);
    groups.set(key, group);
  }
  for (const { hosts, ports } of groups.values()) {
    const handler = firstBackend(api, draft);
    draft.api(hosts[0] ?? `port-${ports[0] ?? 0}`, {
      ...(hosts.length === 0 ? {} : { hosts }),
      ...(withPorts ? { ports } : {}),
      path: "/",
      access: "public",
      ...handler,
      ...api,
    });
  }
}

/** An API with a backend may switch to WebSocket; where a policy always chooses, which one it is means nothing. */
function firstBackend(api: Readonly<Record<string, unknown>>, draft: Draft): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(api["policies"] ?? {});
  const name = [...draft.backends.keys()].find((one) => text.includes(JSON.stringify({ backendId: one })));
  if (name !== undefined) return { backend: name };
  return text.includes('"baseUrl"') ? {} : { respond: { status: 200 } };
}
