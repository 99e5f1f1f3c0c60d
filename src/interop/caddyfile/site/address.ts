import { CaddyfileError, type Token } from "#interop/caddyfile/syntax/token.ts";
import type { Report } from "#interop/caddyfile/report/report.ts";

export interface Ports {
  readonly http: number;
  readonly https: number;
}

/** Where a site is. */
export interface Address {
  /** Empty: any. */
  readonly host: string;
  readonly port: number;
  readonly scheme: "" | "http" | "https";
  readonly token: Token;
}

const form = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(\/.*)?$/i;

/** @throws CaddyfileError for what Caddy does not take as an address */
export function readAddress(token: Token, ports: Ports, report: Report): Address | null {
  const [, scheme = "", host = "", port, path] = form.exec(token.text) ?? [];
  const known = scheme.toLowerCase();
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new CaddyfileError(`port ${port} is none`, token);
  if (Number(port ?? 1) > 65_535) throw new CaddyfileError(`port ${port ?? ""} is out of range`, token);
  if (known !== "" && known !== "http" && known !== "https") {
    throw new CaddyfileError(`a site has http or https, not ${scheme}`, token);
  }
  if (path !== undefined && path !== "/")
    report.say("address-unsupported", token, `a path in a site's address: ${path}`);
  const name = host.replaceAll(/^\[|\]$/g, "").toLowerCase();
  if (/[{}]/.test(name) || (name.includes("*") && name !== "*" && !/^\*\.[^*]+$/.test(name))) {
    report.say("address-unsupported", token, `${token.text}: * stands for the first label alone`);
    return null;
  }
  return {
    host: name === "*" ? "" : name,
    port: port === undefined || port === "" ? (known === "http" ? ports.http : ports.https) : Number(port),
    scheme: known === "http" || known === "https" ? known : "",
    token,
  };
}

/** Whether TLS is spoken there, as Caddy decides it. */
export function isSecure({ host, port, scheme }: Address, ports: Ports, hasTls: boolean, autoHttps: boolean): boolean {
  if (scheme !== "") return scheme === "https";
  if (port === ports.http) return false;
  if (hasTls || port === ports.https) return true;
  return host !== "" && autoHttps;
}
