import { createSecureContext } from "node:tls";
import type { AdminSettings, Backend, ListenAddress, Provider, RemoteAdmin } from "#model/definition.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { AdminInput } from "#config/table/admin.ts";

export function buildAdmin(admin: AdminInput, resources: Resources, problems: Problems): AdminSettings {
  return {
    socket: admin.socket,
    remote:
      admin.listen === undefined ? unused(admin, problems) : buildRemote(admin, admin.listen, resources, problems),
    history: { keep: admin.history.keep, maxAgeMs: admin.history.maxAge },
  };
}

/** What only matters over TCP, without TCP: somebody takes a door for guarded that is not there. */
function unused({ provider }: AdminInput, problems: Problems): null {
  if (provider === undefined) return null;
  const fix = "write admin.listen: 127.0.0.1:9443, or leave out provider";
  problems.warn("setting-unused", provider.at, "the admin API is not served over TCP, so provider has no effect", fix);
  return null;
}

function buildRemote(
  admin: AdminInput,
  { value: listen, at }: Located<ListenAddress>,
  resources: Resources,
  problems: Problems,
): RemoteAdmin {
  const missing = (what: string, fix: string): string => {
    problems.error("key-missing", at, `the admin API over TCP lacks ${what}`, fix);
    return "";
  };
  const { viewer = null, operator = null } = admin.roles;
  if (viewer === null && operator === null) missing("its roles", "write roles: { operator: { group: … } }");
  return {
    listen,
    hosts: admin.hosts,
    tls: buildTls(admin, resources, problems),
    provider: admin.provider?.value ?? missing("its provider", "write provider: and the name of a provider"),
    audience:
      admin.audience ?? missing("its audience", "write audience: api://sallyport-admin, and ask for tokens with it"),
    roles: { viewer, operator },
    at,
  };
}

function buildTls({ tls }: AdminInput, resources: Resources, problems: Problems): RemoteAdmin["tls"] {
  if (tls?.certificate === undefined || tls.key === undefined) return null;
  const certificate = resources.certificates.get(tls.certificate.value);
  const key = resources.secrets.get(tls.key);
  if (certificate === undefined || key === undefined) return null;
  try {
    createSecureContext({ cert: certificate, key: key.reveal() });
  } catch {
    // The library's message may quote what it was given.
    const fix = "name the certificate and the private key that was made for it, both PEM";
    problems.error("admin-key", tls.certificate.at, "the certificate and the key of the admin API do not fit", fix);
  }
  return { certificate, key };
}

/** What a name resolves to is checked when it is dialled; what is written as an address can be told now. */
export function checkAdminUnreached(
  { remote }: AdminSettings,
  backends: readonly Backend[],
  providers: readonly Provider[],
  problems: Problems,
): void {
  if (remote === null) return;
  const check = (what: string, url: string, at: SourcePosition): void => {
    if (!leadsTo(remote.listen, url)) return;
    const message = `${what} leads to the admin API, which no request may reach`;
    problems.error("backend-admin", at, message, "name another address, or give admin.listen another port");
  };
  for (const { name, at, targets } of backends) for (const { url } of targets) check(`the backend ${name}`, url, at);
  for (const { name, at, issuer } of providers) check(`the provider ${name}`, issuer, at);
}

const ofThisMachine = /^(localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:.*\])$/;

function leadsTo(listen: ListenAddress, text: string): boolean {
  const url = URL.parse(text);
  if (url === null || listen.port === 0) return false;
  const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
  const host = listen.host.includes(":") ? `[${listen.host}]` : listen.host;
  return port === listen.port && (url.hostname === host || ofThisMachine.test(url.hostname));
}
