import { CaddyfileError } from "#interop/caddyfile/syntax/token.ts";
import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { duration } from "#interop/caddyfile/directives/values.ts";
import { dnsSetting, readDns } from "./dns.ts";
import { allowLeaves, fileOf, fingerprintOf, readLeafVerifier } from "./leaf-verifier.ts";
import type { Site } from "./site.ts";

/** What the sites of a file want of TLS together. */
export interface TlsWishes {
  readonly internal: Set<string>;
  readonly public: Set<string>;
  clientAuth: ClientAuth | null;
  onDemand: boolean;
}

interface ClientAuth {
  readonly mode: "request" | "require";
  readonly ca: readonly string[];
  readonly internalCa: boolean;
}

const keyTypes: Readonly<Record<string, string>> = {
  p256: "p256",
  p384: "p384",
  rsa2048: "rsa2048",
  rsa4096: "rsa4096",
};

/** Reads the `tls` lines of a site. @returns whether there are any */
export function readTls(lines: readonly Line[], site: Site, wishes: TlsWishes, key: string): boolean {
  const own = lines.filter(({ name }) => name.text === "tls");
  for (const line of own) readLine(line, site, wishes, key);
  if (own.length === 0) wishes.public.add(key);
  return own.length > 0;
}

function readLine(line: Line, site: Site, wishes: TlsWishes, key: string): void {
  const { report, draft } = site;
  report.count(line);
  const [first, second] = line.args.map(({ text }) => text);
  if (first === "internal") wishes.internal.add(key);
  else if (first !== undefined && second !== undefined)
    draft.certificates.push({ certificate: first, key: { file: second } });
  else if (first !== undefined && first !== "force_automate") {
    if (draft.edge["email"] !== undefined && draft.edge["email"] !== first)
      report.say("wider", line.name, `${first}: one address is told to all authorities`);
    draft.edge["email"] = first;
  }
  if (first !== "internal") wishes.public.add(key);
  for (const option of line.block ?? []) {
    report.count(option);
    readTlsOption(option, site, wishes, key);
  }
}

type Option = (words: readonly string[], line: Line, site: Site, wishes: TlsWishes, key: string) => void;

const lost: Option = (_words, { name }, { report }) => report.say("option-unsupported", name, `tls ${name.text}`);
const ownWay: Option = (_words, { name }, { report }) =>
  report.say("own-way", name, `tls ${name.text}: there is no setting for it`);

/** By name: what `tls` takes in its block. */
export const tlsOptions: Readonly<Record<string, Option>> = {
  protocols: ([least], line, { report }) => {
    if (least === "tls1.3")
      report.say("option-unsupported", line.name, "tls protocols tls1.3: TLS 1.2 is taken as well");
  },
  ciphers: (_words, { name }, { report }) =>
    report.say("stricter", name, "ciphers: only those with forward secrecy and authenticated encryption are offered"),
  curves: ownWay,
  alpn: ownWay,
  load: lost,
  ca: ([url], _line, site) => addIssuer(site, { directory: url }),
  ca_root: ([file], _line, site) => extendIssuer(site, { ca: file }),
  eab: ([keyId], line, site) => addEab(site, keyId ?? "", line),
  key_type: ([type], line, site) => keyType(type, line, site),
  dns: ([provider], line, site) => readDns(provider ?? "", line, site),
  dns_ttl: ownWay,
  dns_challenge_override_domain: lost,
  propagation_delay: ownWay,
  propagation_timeout: ([text], _line, site) =>
    dnsSetting(site, "timeout", text === "-1" ? "0s" : duration(text, 0, 3_600_000)),
  resolvers: (words, _line, site) => dnsSetting(site, "resolvers", words),
  renewal_window_ratio: ownWay,
  reuse_private_keys: ownWay,
  insecure_secrets_log: lost,
  get_certificate: lost,
  force_automate: () => {},
  on_demand: (_words, _line, _site, wishes) => {
    wishes.onDemand = true;
  },
  client_auth: readClientAuth,
  issuer: readIssuer,
};

function readTlsOption(line: Line, site: Site, wishes: TlsWishes, key: string): void {
  const option = tlsOptions[line.name.text];
  if (option === undefined) throw new CaddyfileError(`tls has no option ${line.name.text}`, line.name);
  option(
    line.args.map(({ text }) => text),
    line,
    site,
    wishes,
    key,
  );
}

export function keyType(type: string | undefined, line: Line, { report, draft }: Pick<Site, "report" | "draft">): void {
  const known = keyTypes[type ?? ""];
  if (known !== undefined) draft.acme["keyType"] = known;
  else report.say("looks-different", line.name, `key_type ${type ?? ""}: keys are of P-256`);
}

export function addIssuer({ draft }: Pick<Site, "draft">, issuer: Readonly<Record<string, unknown>>): void {
  const issuers = (draft.acme["issuers"] ?? []) as readonly Readonly<Record<string, unknown>>[];
  if (issuers.some(({ directory }) => directory === issuer["directory"])) return;
  draft.acme["issuers"] = [...issuers, issuer];
}

export function extendIssuer({ draft }: Pick<Site, "draft">, more: Readonly<Record<string, unknown>>): void {
  const issuers = (draft.acme["issuers"] ?? [{ directory: "letsencrypt" }]) as readonly Readonly<
    Record<string, unknown>
  >[];
  draft.acme["issuers"] = issuers.map((issuer, index) =>
    index === issuers.length - 1 ? { ...issuer, ...more } : issuer,
  );
}

/** A key is a secret: it is read from the environment, and never written here. */
export function addEab(site: Pick<Site, "draft" | "report">, keyId: string, line: Line): void {
  extendIssuer(site, { eab: { keyId, hmacKey: { env: "ACME_EAB_HMAC_KEY" } } });
  site.report.say("needs-value", line.name, "the key of the external account: put it into ACME_EAB_HMAC_KEY");
}

function readIssuer(words: readonly string[], line: Line, site: Site, wishes: TlsWishes, key: string): void {
  const [kind, second] = words;
  if (kind === "internal") wishes.internal.add(key);
  else if (kind === "zerossl") {
    addIssuer(site, { directory: "zerossl" });
    addEab(site, "{{zerossl-key-id}}", line);
    site.draft.values.set("zerossl-key-id", "");
  } else if (kind === "acme") addIssuer(site, { directory: second ?? wordOf(line, "dir") ?? "letsencrypt" });
  else site.report.say("option-unsupported", line.name, `issuer ${kind ?? ""}`);
  for (const one of line.block ?? []) {
    const known = tlsOptions[one.name.text === "propagation_timeout" ? "propagation_timeout" : one.name.text];
    if (one.name.text === "dir") continue;
    if (one.name.text === "email") site.draft.edge["email"] = one.args[0]?.text;
    else if (one.name.text === "preferred_chains") preferredChains(one, site);
    else if (one.name.text === "trusted_roots") extendIssuer(site, { ca: one.args[0]?.text });
    else if (one.name.text === "propagation_timeout" && site.draft.acme["dns"] === undefined)
      ownWay([], one, site, wishes, key);
    else if (known !== undefined)
      known(
        one.args.map(({ text }) => text),
        one,
        site,
        wishes,
        key,
      );
    else if (
      [
        "lifetime",
        "sign_with_root",
        "ca",
        "test_dir",
        "timeout",
        "disable_http_challenge",
        "disable_tlsalpn_challenge",
        "alt_http_port",
        "alt_tlsalpn_port",
        "profile",
        "validity_days",
      ].includes(one.name.text)
    ) {
      site.report.say("option-unsupported", one.name, `issuer ${kind ?? ""} ${one.name.text}`);
    } else throw new CaddyfileError(`issuer ${kind ?? ""} has no option ${one.name.text}`, one.name);
  }
}

export function preferredChains(line: Line, site: Pick<Site, "draft" | "report">): void {
  const name = line.block?.find((one) => one.name.text.endsWith("_common_name"))?.args[0]?.text;
  if (name === undefined)
    site.report.say(
      "looks-different",
      line.name,
      "preferred_chains smallest: the chain that the authority sends first is used",
    );
  else extendIssuer(site, { preferredChain: name });
}

function wordOf(line: Line, name: string): string | undefined {
  return line.block?.find((one) => one.name.text === name)?.args[0]?.text;
}

function readClientAuth(_words: readonly string[], line: Line, site: Site, wishes: TlsWishes): void {
  const { report } = site;
  const mode = wordOf(line, "mode") ?? "require_and_verify";
  const files: string[] = [];
  let internalCa = false;
  const readPool = (pool: Line): void => {
    const [kind] = pool.args;
    for (const one of pool.block ?? []) {
      if (kind?.text === "combined" && one.name.text === "source") readPool(one);
      else if (one.name.text === "pem_file") files.push(...one.args.map(({ text }) => text));
      else if (one.name.text === "trust_der") files.push(site.certificateFile(one.args.map(({ text }) => text)));
      else if (one.name.text === "authority") internalCa = true;
      else report.say("option-unsupported", one.name, `trust_pool ${one.name.text}`);
    }
    if (kind?.text === "inline" && pool.args[1] !== undefined)
      files.push(site.certificateFile(pool.args.slice(1).map(({ text }) => text)));
    if (!["file", "inline", "combined", "pki_root", "pki_intermediate"].includes(kind?.text ?? "")) {
      report.say(
        "option-unsupported",
        pool.name,
        `trust_pool ${kind?.text ?? ""}: no public authority says who a client is`,
      );
    }
  };
  for (const one of line.block ?? []) {
    report.count(one);
    if (one.name.text === "trust_pool") readPool(one);
    else if (one.name.text === "trusted_ca_cert_file") files.push(...one.args.map(({ text }) => text));
    else if (one.name.text === "trusted_ca_cert") files.push(site.certificateFile(one.args.map(({ text }) => text)));
    else if (one.name.text === "verifier") readLeafVerifier(one, site);
    else if (one.name.text === "trusted_leaf_cert" || one.name.text === "trusted_leaf_cert_file") {
      const isFile = one.name.text === "trusted_leaf_cert_file";
      site.leaves.push(...one.args.flatMap((word) => (isFile ? fileOf(word, site) : [fingerprintOf(word.text)])));
      allowLeaves(one.name, site);
    } else if (one.name.text !== "mode") report.say("option-unsupported", one.name, `client_auth ${one.name.text}`);
  }
  if (files.length === 0 && !internalCa) {
    report.say(
      "option-unsupported",
      line.name,
      "client_auth without authorities: whoever is to be believed has to be named",
    );
  }
  if (mode === "require")
    report.say("stricter", line.name, "client_auth require: a certificate has to be one that is trusted");
  if (mode === "request")
    report.say("stricter", line.name, "client_auth request: a certificate that is not trusted counts as none");
  // Sites share a listener, so that it only asks, and the site refuses.
  const before = wishes.clientAuth;
  wishes.clientAuth = {
    mode: "request",
    ca: [...new Set([...(before?.ca ?? []), ...files])],
    internalCa: internalCa || before?.internalCa === true,
  };
  if (before !== null && before.ca.join() !== [...new Set(files)].join())
    report.say("option-unsupported", line.name, "sites that believe different authorities");
  if (mode.startsWith("require")) site.api["clientCertificate"] = "require";
}
