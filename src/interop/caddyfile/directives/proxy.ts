import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Policy } from "#interop/caddyfile/target/policy.ts";
import { type Directive, type DirectiveSpec, piece } from "#interop/caddyfile/site/scope.ts";
import { headerRules, isUpstreamHost, requestChange } from "./header-rules.ts";
import type { ProxySettings } from "./proxy-options.ts";
import { emptySettings, readOptions, readTransport } from "./read-options.ts";
import { fastCgi } from "./php.ts";
import { responseRoutes } from "./responses.ts";
import { duration } from "./values.ts";
import { readUpstream, type Upstream, urlOf } from "./upstreams.ts";

export const proxyDirectives: Readonly<Record<string, DirectiveSpec>> = {
  reverse_proxy: { matched: true, maps: "a backend, and `set-backend-service`", translate: reverseProxy },
};

function reverseProxy(directive: Directive): ReturnType<DirectiveSpec["translate"]> {
  const { line, args, scope, say } = directive;
  if (scope.moment !== "request") {
    say("directive-unsupported", "reverse_proxy, where a response or an error is there already");
    return piece(directive, []);
  }
  const lines = line.block ?? [];
  const settings = emptySettings();
  readOptions(lines, settings, directive);
  const transport = readTransport(lines, settings, directive);
  const targets = [
    ...args,
    ...lines.filter(({ name }) => name.text === "to").flatMap((one) => one.args.map(({ text }) => text)),
  ];
  const upstreams = targets.flatMap((text) => readUpstream(text, directive));
  if (transport === "fastcgi") return fastCgi(directive, upstreams, settings, lines);
  const [before, outbound] = headerRules(lines, directive);
  const changes = lines.flatMap((one) => requestChange(one, directive));
  const chosen = [...viaProxy(settings), ...destination(directive, upstreams, settings, lines)];
  scope.site.useApi(settings.api, directive);
  if (scope.site.earlyRules().length > 0) {
    say("looks-different", "a field that header sets takes the place of the upstream's; Caddy sends both");
  }
  responseRoutes(lines, directive, outbound);
  return piece(directive, [...changes, ...before, ...chosen, ...scope.site.mark()], {
    ends: "always",
    hands: true,
    outbound,
  });
}

function viaProxy({ proxyUrl }: ProxySettings): readonly Policy[] {
  return proxyUrl === null ? [] : [{ proxy: { url: proxyUrl } }];
}

function destination(
  directive: Directive,
  upstreams: readonly Upstream[],
  settings: ProxySettings,
  lines: readonly Line[],
): readonly Policy[] {
  const { scope, say, line } = directive;
  const computed = upstreams.filter((one) => one.computed !== null);
  const dynamic = lines.find(({ name }) => name.text === "dynamic");
  const backend = backendSettings(settings, upstreams);
  if (dynamic !== undefined) Object.assign(backend, discovery(dynamic, settings, directive));
  else if (computed.length > 0) return computedTarget(computed, upstreams, backend, directive);
  else if (upstreams.length === 0) {
    say("value-unsupported", "reverse_proxy without an upstream answers 503 always");
    return [{ refuse: 503 }];
  } else Object.assign(backend, targetsOf(upstreams, settings));
  if (
    lines.some(
      ({ name, args }) => name.text === "header_up" && isUpstreamHost(args[0]?.text ?? "", args[1]?.text ?? ""),
    )
  )
    backend["host"] = "upstream";
  else if (lines.some(({ name, args }) => name.text === "header_up" && args[0]?.text.toLowerCase() === "host"))
    backend["host"] = "preserve";
  const schemes = new Set(upstreams.map(({ scheme }) => scheme));
  if (schemes.has("https") && schemes.size > 1) say("value-unsupported", "upstreams with and without TLS");
  if (schemes.has("https") && backend["host"] === undefined) {
    say(
      "own-way",
      "over https the upstream sees its own name in Host, as of Caddy of today; Caddy before 2.11 sent the client's",
      line.name,
    );
  }
  const name = scope.site.draft.backend(upstreams[0]?.address ?? "discovered", backend);
  return [scope.site.handTo({ backend: name })];
}

function backendSettings(
  { backend, health, passive, retries }: ProxySettings,
  upstreams: readonly Upstream[],
): Record<string, unknown> {
  const several = upstreams.length > 1 && backend["balance"] === undefined && backend["sticky"] === undefined;
  const h2c = upstreams.some(({ scheme }) => scheme === "h2c");
  const checked = "path" in health ? { health: { fails: 1, ...health } } : {};
  return {
    ...backend,
    // In clear text beforehand, over TLS by what it chooses: the same HTTP/2.
    ...(backend["protocol"] === "h2c" && upstreams.some(({ scheme }) => scheme === "https") ? { protocol: "h2" } : {}),
    identity: "none",
    ...(h2c ? { protocol: "h2c" } : {}),
    // Caddy's default, where there is a choice.
    ...(several ? { balance: "random" } : {}),
    ...checked,
    ...(Object.keys(passive).length === 0 ? {} : { passiveHealth: passive }),
    ...(Object.keys(retries).length === 0 ? {} : { retries: { methods: ["GET"], on: ["reset"], ...retries } }),
  };
}

function targetsOf(upstreams: readonly Upstream[], { weights, isSecure }: ProxySettings): Record<string, unknown> {
  const urls = upstreams.map((one) => urlOf(isSecure && one.scheme === "http" ? { ...one, scheme: "https" } : one));
  if (weights.length > 0)
    return { targets: urls.map((url, index) => ({ url, weight: Math.max(1, Number(weights[index] ?? 1)) })) };
  return urls.length === 1 ? { url: urls[0] } : { urls };
}

function discovery(line: Line, { isSecure }: ProxySettings, { say }: Directive): Record<string, unknown> {
  const [type, name, port] = line.args.map(({ text }) => text);
  if (type !== "srv" && type !== "a") {
    say("option-unsupported", `dynamic ${type ?? ""}`, line.name);
    return { url: "http://127.0.0.1:1" };
  }
  const option = (key: string): readonly string[] | undefined =>
    line.block?.find((one) => one.name.text === key)?.args.map(({ text }) => text);
  const [service, proto] = [option("service")?.[0], option("proto")?.[0]];
  const plain = option("name")?.[0] ?? name ?? "";
  const refresh = duration(option("refresh")?.[0], 1000, 3_600_000);
  const stale = duration(option("grace_period")?.[0], 0, 86_400_000);
  const [resolver] = option("resolvers") ?? [];
  for (const { name: one } of line.block ?? []) {
    if (one.text === "dial_timeout" || one.text === "dial_fallback_delay" || one.text === "versions")
      say("own-way", `dynamic: ${one.text}`, one);
  }
  const number = Number(option("port")?.[0] ?? port ?? 0);
  return {
    discover: {
      type,
      name: service === undefined ? plain : `_${service}._${proto ?? "tcp"}.${plain}`,
      ...(isSecure ? { scheme: "https" } : {}),
      ...(type === "a" && number > 0 ? { port: number } : {}),
      ...(resolver === undefined ? {} : { resolver }),
      ...(refresh === undefined ? {} : { refresh }),
      ...(stale === undefined ? {} : { stale }),
    },
  };
}

/** Where the request says where it goes, the definition has to say where it may. */
function computedTarget(
  computed: readonly Upstream[],
  all: readonly Upstream[],
  backend: Readonly<Record<string, unknown>>,
  directive: Directive,
): readonly Policy[] {
  const { say, scope } = directive;
  const [only] = computed;
  if (all.length > 1 || only === undefined) {
    say("value-unsupported", "several upstreams of which some depend on the request");
    return [];
  }
  const allowed = scope.site.destinationsOf(only.address, only.scheme === "https" ? "https" : "http");
  if (allowed === null) {
    say("needs-value", `${only.address} depends on the request: write into egress.allow where it may lead`);
  } else for (const one of allowed) scope.site.draft.egress.add(one);
  if (Object.keys(backend).some((key) => key !== "identity")) {
    say("value-unsupported", `settings of an upstream that depends on the request: ${Object.keys(backend).join(", ")}`);
  }
  scope.site.usesProxy = true;
  return [scope.site.handTo({ baseUrl: only.computed ?? "" })];
}
