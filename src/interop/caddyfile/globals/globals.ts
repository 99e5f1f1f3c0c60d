import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import type { Report } from "#interop/caddyfile/report/report.ts";
import type { Draft } from "#interop/caddyfile/target/draft.ts";
import { usualOrder } from "#interop/caddyfile/site/order.ts";
import { dnsSetting, readDns } from "#interop/caddyfile/site/dns.ts";
import { addEab, addIssuer, extendIssuer, keyType, preferredChains } from "#interop/caddyfile/site/tls.ts";
import { limit } from "./limit.ts";
import { readServers } from "./servers.ts";

/** What the options of a file say to all its sites. */
export interface Globals {
  http: number;
  https: number;
  autoHttps: boolean;
  redirects: boolean;
  localCerts: boolean;
  bind: readonly string[];
  order: readonly string[];
  /** By address of a server: what `servers` says of it is looked at once. */
  dnsProvider: string | null;
  ask: string | null;
}

export function readGlobals(lines: readonly Line[], report: Report, draft: Draft): Globals {
  const globals: Globals = {
    http: 80,
    https: 443,
    autoHttps: true,
    redirects: true,
    localCerts: false,
    bind: [],
    order: usualOrder,
    dnsProvider: null,
    ask: null,
  };
  // acme_dns may name the provider that dns gives.
  const sorted = lines.toSorted((a, b) => Number(b.name.text === "dns") - Number(a.name.text === "dns"));
  for (const line of sorted) {
    report.count(line);
    const option = globalOptions[line.name.text];
    if (option === undefined) throw new CaddyfileError(`there is no global option ${line.name.text}`, line.name);
    const before = report.losses;
    option(
      line.args.map(({ text }) => text),
      line,
      { globals, report, draft },
    );
    if (report.losses > before) report.lose(line);
  }
  return globals;
}

interface GlobalContext {
  readonly globals: Globals;
  readonly report: Report;
  readonly draft: Draft;
}

type GlobalOption = (words: readonly string[], line: Line, context: GlobalContext) => void;

const ownWay: GlobalOption = (_words, { name }, { report }) =>
  report.say("own-way", name, `${name.text}: there is no setting for it`);
const lost: GlobalOption = (_words, { name }, { report }) => report.say("option-unsupported", name, name.text);
const operational: GlobalOption = (_words, { name }, { report }) =>
  report.say("operational", name, `${name.text}: logs are kept as the definition's logs say, and by --log-level`);

/** By name: the options at the head of a file. */
export const globalOptions: Readonly<Record<string, GlobalOption>> = {
  debug: operational,
  log: operational,
  http_port: ([port], _line, { globals }) => {
    globals.http = Number(port);
  },
  https_port: ([port], _line, { globals }) => {
    globals.https = Number(port);
  },
  default_bind: (words, _line, { globals }) => {
    globals.bind = words;
  },
  order: readOrder,
  storage: (words, { name }, { report }) => {
    const text = `storage ${words[0] ?? ""}`;
    if (words[0] === "file_system")
      report.say("own-way", name, `${text}: certificates are kept in the data folder (--data)`);
    else report.say("option-unsupported", name, text);
  },
  storage_clean_interval: ownWay,
  storage_check: ownWay,
  renew_interval: ownWay,
  renewal_window_ratio: ownWay,
  ocsp_interval: ownWay,
  ocsp_stapling: lost,
  admin: ([where], { name }, { report }) =>
    report.say(
      "own-way",
      name,
      `admin ${where ?? ""}: the admin API is on a socket of the data folder, for the process's own user`,
    ),
  persist_config: ownWay,
  grace_period: ([text], _line, { draft }) => limit(draft, "drain", text),
  shutdown_delay: ownWay,
  auto_https: ([what], { name }, { globals, report }) => {
    if (what === "off") Object.assign(globals, { autoHttps: false, redirects: false });
    else if (what === "disable_redirects") globals.redirects = false;
    else if (what === "disable_certs") report.say("option-unsupported", name, "auto_https disable_certs");
    else if (what !== "ignore_loaded_certs" && what !== "prefer_wildcard")
      throw new CaddyfileError(`auto_https ${what ?? ""}`, name);
  },
  email: ([address], _line, { draft }) => {
    draft.edge["email"] = address;
  },
  default_sni: ownWay,
  fallback_sni: ownWay,
  local_certs: (_words, _line, { globals }) => {
    globals.localCerts = true;
  },
  skip_install_trust: ownWay,
  acme_ca: ([url], _line, context) => addIssuer(context, { directory: url }),
  acme_ca_root: ([file], _line, context) => extendIssuer(context, { ca: file }),
  acme_eab: (words, line, context) =>
    addEab(context, words[0] ?? line.block?.find(({ name }) => name.text === "key_id")?.args[0]?.text ?? "", line),
  acme_dns: ([provider], line, context) => {
    const chosen = provider ?? context.globals.dnsProvider;
    if (chosen === null) throw new CaddyfileError("acme_dns names no provider, and there is no option dns", line.name);
    readDns(chosen, line, context);
  },
  dns: ([provider], _line, { globals }) => {
    globals.dnsProvider = provider ?? null;
  },
  tls_resolvers: (words, _line, context) => dnsSetting(context, "resolvers", words),
  cert_issuer: ([kind], line, context) => {
    if (kind === "internal") context.globals.localCerts = true;
    else if (kind === "acme" || kind === "zerossl") {
      addIssuer(context, { directory: kind === "acme" ? "letsencrypt" : "zerossl" });
      if (kind === "zerossl") {
        addEab(context, "{{zerossl-key-id}}", line);
        context.draft.values.set("zerossl-key-id", "");
      }
    } else lost([], line, context);
  },
  cert_lifetime: lost,
  key_type: ([type], line, context) => keyType(type, line, context),
  preferred_chains: (_words, line, context) => preferredChains(line, context),
  on_demand_tls: (_words, line, { globals, report }) => {
    for (const { name, args } of line.block ?? []) {
      if (name.text === "ask") globals.ask = args[0]?.text ?? null;
      else if (name.text === "interval" || name.text === "burst")
        report.say("own-way", name, "on_demand_tls: ten new names a minute");
      else report.say("option-unsupported", name, `on_demand_tls ${name.text}`);
    }
  },
  ech: lost,
  pki: (_words, { name }, { report }) =>
    report.say("own-way", name, "pki: there is one internal CA, with names of its own"),
  filesystem: lost,
  metrics: (_words, { name }, { report }) => report.say("own-way", name, "metrics are always there, at the admin API"),
  events: lost,
  servers: (words, line, { report, draft }) => readServers(words[0], line, report, draft),
};

function readOrder(
  [name = "", place = "", other = ""]: readonly string[],
  line: Line,
  { globals }: GlobalContext,
): void {
  const rest = globals.order.filter((one) => one !== name);
  const at = rest.indexOf(other);
  if (place === "first") globals.order = [name, ...rest];
  else if (place === "last") globals.order = [...rest, name];
  else if ((place === "before" || place === "after") && at >= 0)
    globals.order = rest.toSpliced(place === "before" ? at : at + 1, 0, name);
  else throw new CaddyfileError(`order ${name} ${place} ${other}`, line.name);
}
