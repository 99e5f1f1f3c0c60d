import { once } from "node:events";
import type { X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import type { CertificateRow } from "#admin/certificate-row.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type Pebble, type PebbleOptions, startPebble } from "#test/support/pebble.ts";

/** An authority, and where the names are served that it validates. */
export interface Site {
  readonly pebble: Pebble;
  readonly httpPort: number;
  readonly tlsPort: number;
  readonly folder: string;
}

export interface SiteOptions {
  readonly hosts: readonly string[];
  /** More lines of `edge.acme`; `issuers` when pebble is not asked directly. */
  readonly acme?: readonly string[];
  readonly issuers?: string;
  readonly ports?: readonly [https: number, http: number];
  readonly files?: Readonly<Record<string, string>>;
}

export async function openSite(options: PebbleOptions = {}): Promise<Site> {
  const [httpPort, tlsPort] = (await freePorts(2)) as [number, number];
  const pebble = await startPebble({ ...options, httpPort, tlsPort });
  return { pebble, httpPort, tlsPort, folder: mkdtempSync(join(tmpdir(), "sallyport-https-")) };
}

export async function closeSite(site: Site | undefined): Promise<void> {
  await site?.pebble.stop();
  if (site !== undefined) rmSync(site.folder, { recursive: true, force: true });
}

export function definitionOf(site: Site, { hosts, acme = [], issuers, ports }: SiteOptions): string {
  const [https, http] = ports ?? [site.tlsPort, site.httpPort];
  return `version: 1
edge:
  listen: { https: "127.0.0.1:${https}", http: "127.0.0.1:${http}" }
  email: ops@sally.org
  acme:
    issuers: ${issuers ?? `[{ directory: "${site.pebble.directory}", ca: pebble.crt }]`}
${acme.map((line) => `    ${line}\n`).join("")}apis:
  hello: { hosts: ${JSON.stringify(hosts)}, path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
`;
}

export function start(site: Site, options: SiteOptions, folder: string = site.folder): Promise<TestGateway> {
  return startTestGateway({
    definition: definitionOf(site, options),
    folder,
    files: { "pebble.crt": site.pebble.root, ...options.files },
    args: ["--workers", "2"],
  });
}

/** The certificate that a visitor gets who trusts this root; undefined when it does not verify. */
export async function visit(port: number, servername: string, ca: string): Promise<X509Certificate | undefined> {
  const socket = connect({ port, host: "127.0.0.1", ...(servername === "" ? {} : { servername }), ca });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerX509Certificate();
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** Within 20 seconds. */
export async function visitUntil(
  gateway: TestGateway,
  name: string,
  ca: string,
  holds: (certificate: X509Certificate) => boolean = () => true,
): Promise<X509Certificate> {
  for (let left = 400; left > 0; left -= 1) {
    const found = await visit(gateway.port, name, ca);
    if (found !== undefined && holds(found)) return found;
    await sleep(50);
  }
  throw new Error(`no such certificate for ${name}:\n${gateway.output()}`);
}

/** Within 20 seconds. */
export async function rowWhen(gateway: TestGateway, holds: (row: CertificateRow) => boolean): Promise<CertificateRow> {
  const file = join(gateway.data, "certificates.json");
  for (let left = 400; left > 0; left -= 1) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : '{"certificates":[]}';
    const found = (JSON.parse(text) as { certificates: CertificateRow[] }).certificates.find(holds);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`no such row:\n${gateway.output()}`);
}
