import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { type ProbeAnswer, type ProbeGateway, sendProbe } from "#app/verify/send-probe.ts";
import type { Api, Backend, Definition } from "#model/definition.ts";
import type { Finding } from "#model/finding.ts";

type Verdict = Pick<Finding, "state" | "code" | "detail" | "fix">;

const timeoutMs = 5_000;
const day = 86_400_000;

/** Each backend over TLS, asked with the name and the Host that the gateway uses. */
export async function backendFindings(definition: Definition, trusted: readonly string[]): Promise<readonly Finding[]> {
  const secure = definition.backends.flatMap((backend) =>
    backend.targets.filter(({ url }) => url.startsWith("https:")).map(({ url }) => ({ backend, url })),
  );
  const all = await Promise.all(
    secure.map(async ({ backend, url }) => {
      const ca = backend.ca === null ? trusted : [...trusted, backend.ca];
      const tls = await handshakeFinding(backend, url, ca);
      return tls.state === "failed" ? [tls] : [tls, await hostFinding(definition, backend, url, ca)];
    }),
  );
  return all.flat();
}

async function handshakeFinding(backend: Backend, url: string, ca: readonly string[]): Promise<Finding> {
  const started = performance.now();
  const { hostname, port } = new URL(url);
  const name = backend.tls?.serverName ?? hostname;
  const outcome = await handshake(hostname, port === "" ? 443 : Number(port), name, ca);
  const base = { group: "backends", name: `TLS of ${backend.name} at ${url}`, ms: performance.now() - started };
  if (typeof outcome === "number") return { ...base, ...expiry(outcome) };
  return { ...base, state: "failed", ...handshakeFailure(outcome, backend.name, name) };
}

function handshakeFailure(problem: string, backend: string, name: string): Omit<Verdict, "state"> {
  if (/altnames|does not match/i.test(problem)) {
    const fix = `write backends.${backend}.tls.serverName with a name that its certificate has`;
    return { code: "doctor-sni", detail: `it was asked for as ${name}: ${problem}`, fix };
  }
  if (/certificate|self.signed|unable to/i.test(problem)) {
    return { code: "doctor-backend-trust", detail: problem, fix: `name its CA: backends.${backend}.ca` };
  }
  return {
    code: "doctor-backend-unreachable",
    detail: problem,
    fix: "is it running there, and reached from this machine?",
  };
}

function expiry(notAfter: number): Verdict {
  const left = notAfter - Date.now();
  const detail = `its certificate is good until ${new Date(notAfter).toISOString()}`;
  return left < 14 * day
    ? { state: "warned", code: "doctor-expiring", detail, fix: "whoever runs it should renew it" }
    : { state: "passed", code: "doctor-backend-tls", detail, fix: null };
}

/** RFC 6066 §3: no addresses in SNI; the certificate has to name the address itself. */
function named(name: string): { readonly servername?: string } {
  return isIP(name) === 0 ? { servername: name } : {};
}

function handshake(host: string, port: number, name: string, ca: readonly string[]): Promise<number | string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, ...named(name), ca: [...ca], ALPNProtocols: ["http/1.1"] });
    const end = (outcome: number | string): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(timeoutMs, () => end(`no handshake within ${timeoutMs / 1000} s`));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.message || (error.code ?? "")));
    socket.on("secureConnect", () => end(Date.parse(socket.getPeerCertificate().valid_to)));
  });
}

/** Another TLS server that routes by Host answers otherwise when it gets the client's. */
async function hostFinding(
  definition: Definition,
  backend: Backend,
  url: string,
  ca: readonly string[],
): Promise<Finding> {
  const base = { group: "backends", name: `Host for ${backend.name} at ${url}`, ms: 0, fix: null };
  const client = hostThatArrives(definition.apis, backend);
  if (backend.host === "upstream" || client === undefined) {
    return { ...base, state: "passed", code: "doctor-host", detail: "it gets its own name" };
  }
  const { hostname, port } = new URL(url);
  const gateway: ProbeGateway = { connect: { host: hostname, port: port === "" ? 443 : Number(port) }, ca };
  const name = backend.tls?.serverName ?? hostname;
  const [kept, own] = await Promise.all([askAs(gateway, url, client, name), askAs(gateway, url, hostname, name)]);
  if (typeof kept === "string" || typeof own === "string") {
    const detail = String(typeof kept === "string" ? kept : own);
    return { ...base, state: "skipped", code: "doctor-host", detail };
  }
  return { ...base, ms: kept.ms, ...judgedHost(backend.name, client, hostname, kept.status, own.status) };
}

function judgedHost(backend: string, client: string, own: string, kept: number, asOwn: number): Verdict {
  const fix = `write backends.${backend}.host: upstream, so that Host and SNI are both ${own}`;
  if (kept === 421) {
    const detail = `asked for ${client} over a connection for ${own}, it answers 421: Host and SNI do not fit`;
    return { state: "failed", code: "doctor-host-sni", detail, fix };
  }
  const isLost = (kept === 404 || kept >= 500) && kept !== asOwn;
  const detail = `for Host ${client} it answers ${kept}, for its own name ${asOwn}`;
  return isLost
    ? { state: "warned", code: "doctor-host-sni", detail: `${detail}: it may not know ${client}`, fix }
    : { state: "passed", code: "doctor-host", detail, fix: null };
}

function hostThatArrives(apis: readonly Api[], { name }: Backend): string | undefined {
  return apis.find((api) => api.backend === name && api.hosts.length > 0)?.hosts[0]?.replace(/^\*/, "doctor");
}

function askAs(gateway: ProbeGateway, url: string, host: string, serverName: string): Promise<ProbeAnswer | string> {
  return sendProbe(gateway, { method: "HEAD", url, headers: [], body: "none", timeoutMs, host, serverName });
}
