import { NetException, invalidOperation } from "./net-exception.ts";
import type { NetObject } from "./net-object.ts";
import { text } from "./run.ts";

/** System.Uri, of the schemes that gateways deal with. */
export class Uri implements NetObject {
  readonly netType = "Uri";
  readonly original: string;
  readonly #url: URL | null;

  /** @param isAbsolute false: relative ones pass too */
  constructor(original: string, isAbsolute: boolean) {
    this.original = original;
    this.#url = parsed(original);
    if (this.#url === null && isAbsolute)
      throw new NetException("UriFormatException", "Invalid URI: The format of the URI could not be determined.");
  }

  get isAbsolute(): boolean {
    return this.#url !== null;
  }

  get url(): URL {
    if (this.#url === null) throw invalidOperation("This operation is not supported for a relative URI.");
    return this.#url;
  }

  get absolute(): string {
    return this.#url === null ? this.original : text(this.#url.href);
  }

  get scheme(): string {
    return this.url.protocol.slice(0, -1);
  }

  get host(): string {
    return this.url.hostname;
  }

  get port(): number {
    return this.url.port === "" ? (defaultPorts[this.scheme] ?? -1) : Number(this.url.port);
  }

  get isDefaultPort(): boolean {
    return this.url.port === "";
  }

  get path(): string {
    return this.url.pathname;
  }

  get query(): string {
    return this.url.search;
  }

  get fragment(): string {
    return this.url.hash;
  }

  get userInfo(): string {
    const { username, password } = this.url;
    return password === "" ? username : `${username}:${password}`;
  }

  get authority(): string {
    return this.url.host;
  }

  /** `/`, `a/`, `b` of `/a/b`. */
  get segments(): string[] {
    return this.path.match(/[^/]*\/|[^/]+$/g) ?? [];
  }

  get parameters(): ReadonlyMap<string, readonly string[]> {
    return parametersOf(this.query);
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Uri)) return false;
    return this.isAbsolute && other.isAbsolute
      ? withoutFragment(this.url) === withoutFragment(other.url)
      : this.original === other.original;
  }

  get hashKey(): string {
    return `\0uri ${this.isAbsolute ? withoutFragment(this.url) : this.original}`;
  }

  /** Like AbsoluteUri, with what needs no escaping unescaped. */
  toString(): string {
    return this.#url === null ? this.original : unescaped(this.#url.href);
  }
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21 };

function parsed(original: string): URL | null {
  const trimmed = original.trim();
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(trimmed) ? URL.parse(trimmed) : null;
}

function withoutFragment(url: URL): string {
  return url.href.slice(0, url.href.length - url.hash.length);
}

/** ToString shows `%20` and letters beyond ASCII as they are, and keeps escapes of what separates. */
function unescaped(href: string): string {
  return href.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      const plain = decodeURIComponent(run);
      // oxlint-disable-next-line no-control-regex
      return /[\u0000-\u001f\u007f%#?/\\@:&=+$,;]/.test(plain) ? run : plain;
    } catch {
      return run;
    }
  });
}

/** Names and values of a query, decoded; `+` is a space. */
export function parametersOf(query: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const part of query.replace(/^\?/, "").split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    const name = decoded(at === -1 ? part : part.slice(0, at));
    const value = at === -1 ? "" : decoded(part.slice(at + 1));
    const values = found.get(name);
    if (values === undefined) found.set(name, [value]);
    else values.push(value);
  }
  return found;
}

function decoded(part: string): string {
  const spaced = part.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
