import { isIP } from "node:net";
import { GatewayError } from "#model/errors.ts";

/** Where a base URL leads, in one canonical form. */
export interface Destination {
  /** `scheme://host:port`, port always written: the key of its pool. */
  readonly origin: string;
  readonly secure: boolean;
  /** Lower case, IDNA-encoded, without brackets and trailing dot; addresses in canonical spelling. */
  readonly host: string;
  readonly port: number;
  /** The host is an address. */
  readonly literal: boolean;
  /** What Host says: the port only where it is not the scheme's own. */
  readonly authority: string;
  /** Without trailing slash; empty for the root. */
  readonly basePath: string;
  /** A Unix socket instead of host and port; undefined for every other destination. */
  readonly socketPath?: string;
}

/** The same for a backend of the definition, which may also be `unix:/path`. @throws GatewayError `egress-refused` */
export function parseBackendDestination(text: string): Destination {
  if (!text.startsWith("unix:")) return parseDestination(text);
  const socketPath = text.slice("unix:".length);
  const common = { secure: false, host: "localhost", port: 0, literal: false, authority: "localhost", basePath: "" };
  return { origin: text, ...common, socketPath };
}

/**
 * Reads `http(s)://host[:port][/base]`. User names are refused because they dress up the host (`good.example@evil`),
 * queries and fragments because the request's own path goes behind the base.
 *
 * @throws GatewayError `egress-refused`
 */
export function parseDestination(text: string): Destination {
  const url = URL.parse(text);
  if (url === null || url.hostname === "") throw refused("it is not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused("only http and https are spoken");
  if (url.username !== "" || url.password !== "") throw refused("it holds user information");
  if (url.search !== "" || url.hash !== "") throw refused("a base has no query and no fragment");
  return destinationOf(url);
}

/** The same for a whole URL that is fetched as it stands. @throws GatewayError `egress-refused` */
export function parseFetchUrl(text: string): { readonly destination: Destination; readonly target: string } {
  const url = URL.parse(text);
  if (url === null) throw refused("it is not a URL");
  const { search } = url;
  url.search = "";
  url.hash = "";
  const destination = parseDestination(url.href);
  return { destination, target: `${url.pathname}${search}` };
}

function destinationOf(url: URL): Destination {
  const secure = url.protocol === "https:";
  const bracketed = url.hostname.startsWith("[");
  const host = bracketed ? url.hostname.slice(1, -1) : url.hostname.replace(/\.$/, "");
  if (host === "" || host.endsWith(".")) throw refused("its host is empty");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  if (port === 0) throw refused("its port is 0");
  const name = bracketed ? `[${host}]` : host;
  return {
    origin: `${secure ? "https" : "http"}://${name}:${port}`,
    secure,
    host,
    port,
    literal: isIP(host) !== 0,
    authority: url.port === "" ? name : `${name}:${port}`,
    basePath: url.pathname.replace(/\/+$/, ""),
  };
}

function refused(why: string): GatewayError {
  return new GatewayError("egress-refused", 502, `the destination is refused: ${why}`);
}
