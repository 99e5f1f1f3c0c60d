import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Directive } from "#interop/caddyfile/site/scope.ts";
import { duration, statusRange } from "./values.ts";

type Settings = Record<string, unknown>;

/** Settings of a backend, and of the API, while options are read. */
export interface ProxySettings {
  readonly backend: Settings;
  readonly api: Settings;
  readonly health: Settings;
  readonly passive: Settings;
  readonly retries: Settings;
  weights: readonly string[];
  isSecure: boolean;
  root: string | null;
  /** Of a forward proxy on the way; null: straight there. */
  proxyUrl: string | null;
  split: readonly string[];
  env: Settings;
}

export type ReadOption = (line: Line, settings: ProxySettings, directive: Directive) => void;

const words = ({ args }: Line): readonly string[] => args.map(({ text }) => text);
const ownWay: ReadOption = ({ name }, _settings, { say }) =>
  say("own-way", `${name.text}: there is no setting for it`, name);
const hint: ReadOption = ({ name }, _settings, { say }) =>
  say("performance-hint", `${name.text}: bodies are streamed within bounds`, name);
const lost: ReadOption = ({ name }, _settings, { say }) => say("option-unsupported", name.text, name);

const policies: Readonly<Record<string, string>> = {
  random: "random",
  first: "first",
  round_robin: "round-robin",
  weighted_round_robin: "weighted-round-robin",
  least_conn: "least-conn",
  ip_hash: "ip-hash",
  client_ip_hash: "client-ip-hash",
  uri_hash: "uri-hash",
};

function balance(line: Line, settings: ProxySettings, { say }: Directive): void {
  const [policy = "", first, second] = words(line);
  if (line.block !== null && line.block.length > 0) say("own-way", `${policy}: any target is the fallback`, line.name);
  if (policy === "header" || policy === "query") settings.backend["balance"] = { policy, name: first ?? "" };
  else if (policy === "random_choose")
    settings.backend["balance"] = { policy: "random-choose", choices: Number(first ?? 2) };
  else if (policy === "cookie") {
    settings.backend["sticky"] = { cookie: first ?? "lb" };
    if (second !== undefined) say("own-way", "the cookie's value is signed by a key of the gateway's own", line.name);
  } else if (policies[policy] !== undefined) settings.backend["balance"] = policies[policy];
  else say("option-unsupported", `lb_policy ${policy}`, line.name);
  settings.weights = policy === "weighted_round_robin" ? words(line).slice(1) : [];
}

const timed =
  (into: "backend" | "health" | "passive" | "api", key: string, least: number, most: number): ReadOption =>
  (line, settings, { say }) => {
    const value = duration(words(line)[0], least, most);
    if (value === undefined) say("value-unsupported", `${line.name.text} ${words(line).join(" ")}`, line.name);
    else settings[into][key] = value;
  };

const numbered =
  (into: "backend" | "health" | "passive", key: string): ReadOption =>
  (line, settings) => {
    settings[into][key] = Number(words(line)[0]);
  };

const texted =
  (into: "health", key: string): ReadOption =>
  (line, settings) => {
    settings[into][key] = words(line)[0] ?? "";
  };

const statuses =
  (into: "health" | "passive", key: string): ReadOption =>
  (line, settings, { say }) => {
    const ranges = words(line).map(statusRange);
    if (ranges.includes(undefined)) say("value-unsupported", `${line.name.text} ${words(line).join(" ")}`, line.name);
    else settings[into][key] = ranges;
  };

function retryMatch(line: Line, settings: ProxySettings, { say }: Directive): void {
  const [kind, ...values] = words(line);
  const lines =
    line.block ?? (kind === undefined ? [] : [{ name: { text: kind }, args: values.map((text) => ({ text })) }]);
  const methods = lines
    .filter(({ name }) => name.text === "method")
    .flatMap(({ args }) => args.map(({ text }) => text.toUpperCase()));
  settings.retries["methods"] = [
    ...new Set(["GET", ...((settings.retries["methods"] as readonly string[] | undefined) ?? []), ...methods]),
  ];
  if (lines.some(({ name }) => name.text !== "method"))
    say("stricter", "lb_retry_match: methods alone say what is sent twice, not paths", line.name);
}

/** By name: what `reverse_proxy` takes in its block. `null`: looked at by whoever puts it together. */
export const proxyOptions: Readonly<Record<string, ReadOption | null>> = {
  to: null,
  header_up: null,
  header_down: null,
  handle_response: null,
  replace_status: null,
  transport: null,
  dynamic: null,
  method: null,
  rewrite: null,
  lb_policy: balance,
  lb_retries: (line, settings) => {
    settings.retries["count"] = Math.min(10, Math.max(1, Number(words(line)[0])));
  },
  lb_try_duration: (line, settings, { say }) => {
    settings.retries["count"] ??= 10;
    say("stricter", "lb_try_duration: at most ten attempts, within the API's timeout", line.name);
  },
  lb_try_interval: (line, settings) => {
    const wait = duration(words(line)[0], 0, 60_000);
    if (wait !== undefined) settings.retries["backOff"] = { first: wait, longest: wait };
  },
  lb_retry_match: retryMatch,
  health_uri: texted("health", "path"),
  health_path: texted("health", "path"),
  health_method: texted("health", "method"),
  health_request_body: texted("health", "body"),
  health_body: texted("health", "matches"),
  health_port: numbered("health", "port"),
  health_passes: numbered("health", "passes"),
  health_fails: numbered("health", "fails"),
  health_interval: timed("health", "interval", 1000, 3_600_000),
  health_timeout: timed("health", "timeout", 100, 60_000),
  health_status: statuses("health", "status"),
  health_headers: (line, settings) => {
    settings.health["headers"] = Object.fromEntries(
      (line.block ?? []).map(({ name, args }) => [name.text, args[0]?.text ?? ""]),
    );
  },
  health_upstream: lost,
  health_follow_redirects: lost,
  fail_duration: timed("passive", "failDuration", 100, 3_600_000),
  max_fails: numbered("passive", "maxFails"),
  unhealthy_status: statuses("passive", "status"),
  unhealthy_latency: timed("passive", "latency", 0, 600_000),
  unhealthy_request_count: numbered("passive", "requests"),
  flush_interval: hint,
  buffer_requests: hint,
  buffer_responses: hint,
  max_buffer_size: hint,
  request_buffers: hint,
  response_buffers: hint,
  stream_buffer_size: hint,
  stream_timeout: lost,
  stream_close_delay: ownWay,
  verbose_logs: ownWay,
  trusted_proxies: (line, { api }) => {
    const all = words(line).flatMap((range) => (range === "private_ranges" ? privateRanges : [range]));
    api["trustedProxies"] = [...new Set([...((api["trustedProxies"] as readonly string[] | undefined) ?? []), ...all])];
  },
};

const privateRanges = ["192.168.0.0/16", "172.16.0.0/12", "10.0.0.0/8", "127.0.0.0/8", "fd00::/8", "::1"];

function versions(line: Line, { backend }: ProxySettings, { say }: Directive): void {
  const given = words(line);
  if (given.includes("h2c")) backend["protocol"] = "h2c";
  else if (given.includes("2")) backend["protocol"] = given.includes("1.1") || given.includes("1") ? "auto" : "h2";
  if (given.includes("3")) say("option-unsupported", "HTTP/3 to an upstream", line.name);
}

function trustPool(line: Line, settings: ProxySettings, { say, scope }: Directive): void {
  const [kind] = words(line);
  const files = (line.block ?? [])
    .filter(({ name }) => name.text === "pem_file" || name.text === "pem_files")
    .flatMap(words);
  const inline = (line.block ?? []).filter(({ name }) => name.text === "trust_der").flatMap(words);
  settings.isSecure = true;
  if (kind === "file" && files.length === 1) settings.backend["ca"] = files[0];
  else if (kind === "inline" && inline.length > 0) settings.backend["ca"] = scope.site.certificateFile(inline);
  else say("option-unsupported", `tls_trust_pool ${kind ?? ""}`, line.name);
}

const secure: ReadOption = (_line, settings) => {
  settings.isSecure = true;
};

/** Passwords would stand in the definition. */
function forwardProxy(url: string, line: Line, settings: ProxySettings, { say }: Directive): void {
  if (/^http:\/\/[^@/{}]+\/?$/.test(url)) settings.proxyUrl = url.replace(/\/$/, "");
  else say("value-unsupported", `a forward proxy other than http://host:port: ${line.name.text}`, line.name);
}

/** By name: what `transport http` takes. */
export const httpTransport: Readonly<Record<string, ReadOption>> = {
  tls: secure,
  tls_insecure_skip_verify: ({ name }, _settings, { say }) =>
    say("option-unsupported", "certificates of backends are always verified: name the authority in ca", name),
  tls_trusted_ca_certs: (line, settings, directive) => {
    settings.isSecure = true;
    if (line.args.length > 1)
      directive.say("option-unsupported", "several files of authorities: put them into one", line.name);
    settings.backend["ca"] = words(line)[0];
  },
  tls_trust_pool: trustPool,
  tls_server_name: (line, settings) => {
    settings.isSecure = true;
    settings.backend["tls"] = { ...(settings.backend["tls"] as object | undefined), serverName: words(line)[0] };
  },
  tls_client_auth: (line, settings, { say }) => {
    const [certificate, key] = words(line);
    settings.isSecure = true;
    if (key === undefined) say("option-unsupported", "a client certificate that Caddy manages itself", line.name);
    else
      settings.backend["tls"] = { ...(settings.backend["tls"] as object | undefined), certificate, key: { file: key } };
  },
  tls_timeout: ownWay,
  tls_renegotiation: lost,
  tls_except_ports: lost,
  tls_curves: lost,
  dial_timeout: timed("backend", "connectTimeout", 10, 300_000),
  dial_fallback_delay: ownWay,
  response_header_timeout: timed("api", "timeout", 10, 3_600_000),
  expect_continue_timeout: ownWay,
  read_timeout: ownWay,
  write_timeout: ownWay,
  read_buffer: hint,
  write_buffer: hint,
  max_response_header: ownWay,
  resolvers: lost,
  local_address: lost,
  versions,
  compression: ownWay,
  max_conns_per_host: numbered("backend", "maxConnections"),
  keepalive: (line, settings, directive) => {
    if (words(line)[0] === "off") directive.say("own-way", "connections are always used again", line.name);
    else timed("backend", "idleTimeout", 1000, 3_600_000)(line, settings, directive);
  },
  keepalive_interval: ownWay,
  keepalive_idle_conns: hint,
  keepalive_idle_conns_per_host: hint,
  proxy_protocol: (line, { backend }) => {
    backend["proxyProtocol"] = words(line)[0];
  },
  network_proxy: (line, settings, directive) => {
    const [kind, url] = words(line);
    if (kind === "url" && url !== undefined) forwardProxy(url, line, settings, directive);
    else if (kind !== "none") directive.say("option-unsupported", `network_proxy ${kind ?? ""}`, line.name);
  },
  forward_proxy_url: (line, settings, directive) => forwardProxy(words(line)[0] ?? "", line, settings, directive),
};

/** By name: what `transport fastcgi` takes. */
export const fastCgiTransport: Readonly<Record<string, ReadOption>> = {
  root: (line, settings) => {
    settings.root = words(line)[0] ?? null;
  },
  split: (line, settings) => {
    settings.split = words(line);
  },
  env: (line, settings) => {
    const [name = "", value = ""] = words(line);
    settings.env[name] = value;
  },
  dial_timeout: timed("backend", "connectTimeout", 10, 60_000),
  read_timeout: timed("api", "timeout", 10, 3_600_000),
  write_timeout: ownWay,
  resolve_root_symlink: ownWay,
  capture_stderr: ownWay,
  body_buffer_size: hint,
};
