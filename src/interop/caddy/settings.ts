import type { HeaderSecret } from "#model/definition.ts";
import { unixPeer } from "#model/listen-place.ts";
import type { Definition, ListenPlace } from "#model/definition.ts";
import { isInRanges } from "./in-ranges.ts";
import type { CaddyNote, CaddyOptions, CaddyTarget, FieldValue } from "./plan.ts";

export interface ExportSettings {
  readonly target: CaddyTarget;
  readonly tls: "auto" | "internal";
  /** Names of APIs that have no hosts of their own. */
  readonly hosts: readonly string[];
  /** Where Caddy finds this gateway, as it dials; null: the definition's own listener. */
  readonly gateway: string | null;
  /** Where Caddy comes from, as this gateway sees it; null: loopback, or a socket. */
  readonly from: string | null;
  /** In front of Caddy: CIDR ranges of what it is to believe. */
  readonly trusted: readonly string[];
  readonly email: string | null;
  readonly httpPort: number | null;
  readonly httpsPort: number | null;
}

/** Of Caddy's environment: the value that proves it to this gateway. */
const secretVariable = "SALLYPORT_PROXY_SECRET";

export function optionsOf({ email, httpPort, httpsPort, tls }: ExportSettings): CaddyOptions {
  return { email, httpPort, httpsPort, tls };
}

/** The listener that Caddy talks to, as it writes an address. @returns null where there is none for clear text */
export function dialOf({ edge }: Definition, { gateway }: ExportSettings): string | null {
  if (gateway !== null) return gateway;
  const [first] = edge.http;
  return edge.tls !== "off" || first === undefined ? null : dialled(first);
}

function dialled(place: ListenPlace): string {
  if ("path" in place) return `unix/${place.path}`;
  const isAny = place.host === "::" || place.host === "0.0.0.0";
  const host = isAny ? "127.0.0.1" : place.host;
  return host.includes(":") ? `[${host}]:${place.port}` : `${host}:${place.port}`;
}

/** Where it would seem to come from. */
export function peerOf(dial: string, { from }: ExportSettings): string {
  if (from !== null) return from;
  return dial.startsWith("unix/") ? unixPeer : dial.startsWith("[::1]") ? "::1" : "127.0.0.1";
}

/** The fields that prove Caddy to this gateway, and what has to be known about them. */
export function proofOf(
  secret: HeaderSecret | null,
  place: string,
): readonly [readonly FieldValue[], readonly CaddyNote[]] {
  if (secret === null) return [[], []];
  const note: CaddyNote = {
    severity: "note",
    code: "export-secret",
    place,
    message: `Caddy proves itself by ${secret.header}, whose value it takes from its environment`,
    fix: `give Caddy the value as ${secretVariable}`,
  };
  return [[{ name: secret.header, value: `{env.${secretVariable}}` }], [note]];
}

export function isTrusted(peer: string, ranges: readonly string[]): boolean {
  return peer === unixPeer ? ranges.includes(unixPeer) : isInRanges(peer, ranges);
}

/** What Caddy cannot do to a listener of clear text. */
export function edgeNotes({ edge }: Definition, { target }: ExportSettings): readonly CaddyNote[] {
  const notes: CaddyNote[] = [];
  if (edge.clientCertificates !== null) {
    notes.push({
      severity: "error",
      code: "export-client-certificates",
      place: "edge.clientCertificates",
      message: "certificates of clients end at Caddy: this gateway would never see one",
      fix: "leave TLS to this gateway, or take clientCertificates out for this environment",
    });
  }
  if (edge.proxyProtocol.includes("http")) {
    notes.push({
      severity: "error",
      code: "export-proxy-protocol",
      place: "edge.listen.proxyProtocol",
      message: `Caddy ${target} is not told to speak the PROXY protocol: it names the client in X-Forwarded-For`,
      fix: "take http out of edge.listen.proxyProtocol",
    });
  }
  return notes;
}
