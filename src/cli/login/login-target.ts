import { problem } from "#cli/failure.ts";
import { LoginFailure } from "./login-failure.ts";

/** With whom one logs in, as which client, and for what. */
export interface LoginTarget {
  /** Origin of the gateway; else the issuer: what the login is called. */
  readonly name: string;
  /** Null: the tokens are for no gateway that is known here. */
  readonly gateway: string | null;
  readonly issuer: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** RFC 8707; null: the provider decides what the tokens are for. */
  readonly resource: string | null;
  /** What some providers call it. */
  readonly audience: string | null;
  readonly prompt: string | null;
  /** Absolute name of a PEM file of further authorities. */
  readonly ca: string | null;
}

/** Tokens over clear text would be everybody's, except on this machine. */
export function checkedUrl(text: string, what: string): URL {
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  const fix = `write it as https://host[:port]`;
  if (url === null || url.hostname === "" || url.username !== "" || url.password !== "") {
    throw new LoginFailure(problem(`${oneWord(text)} is no address of ${what}`, "address-invalid", fix));
  }
  if (url.protocol === "https:" || (url.protocol === "http:" && isThisMachine(url))) return url;
  throw new LoginFailure(problem(`${what} at ${oneWord(text)} is not reached over TLS`, "address-insecure", fix));
}

export function isThisMachine({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function oneWord(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
