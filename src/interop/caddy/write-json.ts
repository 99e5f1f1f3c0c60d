import type {
  CaddyAsk,
  CaddyOptions,
  CaddyPlan,
  CaddyProxy,
  CaddyRoute,
  CaddySite,
  CaddyStep,
  FieldValue,
} from "./plan.ts";

type Json = Readonly<Record<string, unknown>>;

/** The plan as Caddy's own configuration: what it would make of the Caddyfile, which a test asks it. */
export function caddyJson({ options, sites }: CaddyPlan): Json {
  const { httpPort, httpsPort } = options;
  const server = { listen: [`:${httpsPort ?? 443}`], routes: sites.map(siteRoute) };
  const http = {
    ...(httpPort === null ? {} : { http_port: httpPort }),
    ...(httpsPort === null ? {} : { https_port: httpsPort }),
    servers: { srv0: server },
  };
  const hosts = sites.flatMap((site) => site.hosts);
  return { apps: { http, ...tlsApp(options, hosts) } };
}

function tlsApp({ tls, email }: CaddyOptions, hosts: readonly string[]): Json {
  if (tls === "internal") return automation([{ issuers: [{ module: "internal" }] }]);
  if (email === null) return {};
  const issuers = ["acme", "zerossl"].map((module) => ({ module, email }));
  return automation([{ subjects: hosts, issuers }]);
}

function automation(policies: readonly Json[]): Json {
  return { tls: { automation: { policies } } };
}

function siteRoute({ hosts, routes }: CaddySite): Json {
  const route = subroute(routes.flatMap(routeJson));
  return { match: [{ host: hosts }], handle: [subroute([{ handle: [route] }])], terminal: true };
}

function routeJson({ paths, steps }: CaddyRoute): readonly Json[] {
  const handlers = steps.flatMap(stepHandlers).map((handler) => ({ handle: [handler] }));
  return paths === null ? handlers : [{ match: [{ path: paths }], handle: [subroute(handlers)] }];
}

function subroute(routes: readonly Json[]): Json {
  return { handler: "subroute", routes };
}

function stepHandlers(step: CaddyStep): readonly Json[] {
  switch (step.kind) {
    case "remove-request-headers":
      return step.names.map((name) => ({ handler: "headers", request: { delete: [name] } }));
    case "strip-prefix":
      return [{ handler: "rewrite", strip_path_prefix: step.prefix }];
    case "add-prefix":
      return [{ handler: "rewrite", uri: `${step.prefix}{http.request.uri}` }];
    case "respond":
      return [{ handler: "static_response", status_code: step.status }];
    case "ask":
      return [asking(step)];
    case "proxy":
      return [proxying(step)];
  }
}

/** What `forward_auth` stands for: on 2xx the fields are copied and the next step has the request, else it is the answer. */
function asking({ dial, path, copied, set, trusted }: CaddyAsk): Json {
  const copies = copied.map((name) => [name, [`{http.reverse_proxy.header.${name}}`]]);
  const copy = { handler: "headers", request: { set: Object.fromEntries(copies) as Json } };
  return {
    handler: "reverse_proxy",
    rewrite: { method: "GET", uri: path },
    headers: {
      request: {
        set: {
          ...fields([
            { name: "X-Forwarded-Method", value: "{http.request.method}" },
            { name: "X-Forwarded-Uri", value: "{http.request.uri}" },
          ]),
          ...fields(set),
        },
      },
    },
    handle_response: [{ match: { status_code: [2] }, routes: [{ handle: [copy] }] }],
    upstreams: [{ dial }],
    ...trust(trusted),
  };
}

function proxying({ dials, tls, removed, set, trusted, balance, version }: CaddyProxy): Json {
  const request = {
    ...(removed.length === 0 ? {} : { delete: removed }),
    ...(set.length === 0 ? {} : { set: fields(set) }),
  };
  return {
    handler: "reverse_proxy",
    upstreams: dials.map((dial) => ({ dial })),
    ...(Object.keys(request).length === 0 ? {} : { headers: { request } }),
    ...(balance === null ? {} : { load_balancing: { selection_policy: selection(balance) } }),
    ...(tls ? { transport: { protocol: "http", tls: {} } } : {}),
    ...(version === "h2c" ? { transport: { protocol: "http", versions: ["h2c", "2"] } } : {}),
    ...trust(trusted),
  };
}

function selection([policy = "", argument]: readonly string[]): Json {
  if (policy === "random_choose") return { policy, choose: Number(argument) };
  return argument === undefined ? { policy } : { policy, field: argument };
}

/** Names in Go's canonical spelling, as Caddy keeps them. */
function fields(set: readonly FieldValue[]): Json {
  return Object.fromEntries(set.map(({ name, value }) => [canonical(name), [value]]));
}

function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

function trust(trusted: readonly string[]): Json {
  return trusted.length === 0 ? {} : { trusted_proxies: trusted };
}
