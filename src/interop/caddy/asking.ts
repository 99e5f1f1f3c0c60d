import type { Api, Backend, Definition, ForwardAuthSettings } from "#model/definition.ts";
import { applicationProxy } from "./application.ts";
import { copiedFields } from "./copied-fields.ts";
import type { CaddyExport } from "./in-front.ts";
import type { CaddyNote, CaddyRoute, CaddySite, CaddyStep } from "./plan.ts";
import { dialOf, type ExportSettings, isTrusted, optionsOf, peerOf, proofOf } from "./settings.ts";

/** Caddy forwards to the applications itself, and asks this gateway about each request before it does. */
export function caddyAsking(definition: Definition, settings: ExportSettings): CaddyExport {
  const { forwardAuth } = definition.edge;
  const dial = dialOf(definition, settings) ?? dialOfAsked(definition, settings);
  if (forwardAuth === null || dial === null) {
    return {
      plan: { options: optionsOf(settings), sites: [] },
      notes: [forwardAuth === null ? nobodyAsks : noListener],
    };
  }
  const asked = definition.apis.filter((api) => api.forwardAuth);
  const notes: CaddyNote[] = [...askingNotes(forwardAuth, dial, settings), ...leftOut(definition, asked)];
  const byHost = new Map<string, CaddyRoute[]>();
  for (const api of inOrder(asked)) {
    const hosts = api.hosts.length === 0 ? settings.hosts : api.hosts;
    if (hosts.length === 0) notes.push(withoutHosts(api));
    const route = routeOf(definition, api, forwardAuth, dial, settings, notes);
    for (const host of hosts) byHost.set(host, [...(byHost.get(host) ?? []), route]);
  }
  return { plan: { options: optionsOf(settings), sites: sitesOf(byHost) }, notes };
}

/** The longest path first: of two APIs at one host the narrower one goes before. */
function inOrder(apis: readonly Api[]): readonly Api[] {
  return apis.toSorted((left, right) => right.path.length - left.path.length || (left.name < right.name ? -1 : 1));
}

function sitesOf(byHost: ReadonlyMap<string, readonly CaddyRoute[]>): readonly CaddySite[] {
  const refused: CaddyRoute = { paths: null, steps: [{ kind: "respond", status: 404 }] };
  return [...byHost].map(([host, routes]) => ({
    hosts: [host],
    routes: routes.some(({ paths }) => paths === null) ? routes : [...routes, refused],
  }));
}

function routeOf(
  definition: Definition,
  api: Api,
  { path, secret }: ForwardAuthSettings,
  dial: string,
  settings: ExportSettings,
  notes: CaddyNote[],
): CaddyRoute {
  const [set] = proofOf(secret, "edge.forwardAuth.secret");
  const backend = backendOf(definition, api, notes);
  const steps: CaddyStep[] = [
    // Before ours are copied: some releases leave a client's own field where the answer has none.
    { kind: "remove-request-headers", names: ["X-Auth-Request-*", "X-Sallyport-*"] },
    { kind: "ask", dial, path, copied: copiedFields(definition, api), set, trusted: settings.trusted },
  ];
  if (api.path !== "/") steps.push({ kind: "strip-prefix", prefix: api.path });
  if (backend !== undefined) steps.push(...applicationProxy(backend, settings, notes));
  return { paths: api.path === "/" ? null : [api.path, `${api.path}/*`], steps };
}

function backendOf({ backends }: Definition, api: Api, notes: CaddyNote[]): Backend | undefined {
  const others = api.operations.filter(
    ({ backend, handler }) => (backend ?? api.backend) !== api.backend || (handler ?? api.handler).kind !== "proxy",
  );
  const found = backends.find(({ name }) => name === api.backend);
  if (found !== undefined && others.length === 0) return found;
  const what = others[0] === undefined ? "has no backend" : `answers ${others[0].name} otherwise than by its backend`;
  notes.push({
    severity: "error",
    code: "export-backend",
    place: `apis.${api.name}`,
    message: `${api.name} ${what}: Caddy would forward all of its requests to one`,
    fix: "make it an API of its own that is not asked about (forwardAuth: false), or have Caddy in front",
  });
  return undefined;
}

function askingNotes(forwardAuth: ForwardAuthSettings, dial: string, settings: ExportSettings): readonly CaddyNote[] {
  const [, notes] = proofOf(forwardAuth.secret, "edge.forwardAuth.secret");
  const peer = peerOf(dial, settings);
  const mayAsk = forwardAuth.callers.length === 0 || isTrusted(peer, forwardAuth.callers);
  const caller: CaddyNote = {
    severity: "error",
    code: "export-caller",
    place: "edge.forwardAuth.callers",
    message: `${peer}, which Caddy comes from, may not ask`,
    fix: `add ${peer} to edge.forwardAuth.callers, or say with --from where Caddy comes from`,
  };
  const envoy: CaddyNote = {
    severity: "error",
    code: "export-question",
    place: "edge.forwardAuth.question",
    message: "Caddy asks by header fields, and this gateway looks for the question in the path",
    fix: "leave out question, or write question: headers",
  };
  return [...notes, ...(mayAsk ? [] : [caller]), ...(forwardAuth.question === "path" ? [envoy] : [])];
}

/** Over TLS as well: nothing but the question goes there. */
function dialOfAsked({ edge }: Definition, settings: ExportSettings): string | null {
  return edge.tls === "off" ? null : settings.gateway;
}

function leftOut({ apis }: Definition, asked: readonly Api[]): readonly CaddyNote[] {
  return apis
    .filter((api) => !asked.includes(api))
    .map(({ name }) => ({
      severity: "changed",
      code: "export-not-asked",
      place: `apis.${name}`,
      message: `nobody may ask about ${name}: Caddy answers its requests with 404`,
      fix: `write forwardAuth: true for it, or have Caddy in front`,
    }));
}

function withoutHosts({ name }: Api): CaddyNote {
  return {
    severity: "error",
    code: "export-hosts",
    place: `apis.${name}`,
    message: `${name} answers at any host, and Caddy has to know the names that it gets certificates for`,
    fix: "write hosts, or name them with --host (repeatable)",
  };
}

const nobodyAsks: CaddyNote = {
  severity: "error",
  code: "export-forward-auth",
  place: "edge.forwardAuth",
  message: "no proxy may ask this gateway",
  fix: "write edge.forwardAuth: { path: /.sallyport/auth, callers: [127.0.0.1] }, and forwardAuth: true of the APIs",
};

const noListener: CaddyNote = {
  severity: "error",
  code: "export-https",
  place: "edge.listen",
  message: "this gateway has no listener for clear text that Caddy could ask",
  fix: "write edge: { https: off, listen: { http: … } } for this environment, or --gateway host:port",
};
