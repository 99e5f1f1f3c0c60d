import { isIP } from "node:net";
import { type Refusal, refuse } from "#model/decision.ts";
import type { ForwardAuthSettings } from "#model/definition.ts";
import type { RequestFacts } from "#model/exchange.ts";
import type { HeaderList } from "#model/header-list.ts";
import { stripHopByHop } from "#wire/hop-by-hop.ts";
import { showsSecret } from "./header-secret.ts";
import { parseHost } from "./host.ts";
import { methods } from "./methods.ts";
import { isAcceptableQuery, keepsSegments, normalisePath } from "./normalise-path.ts";
import { refusals } from "./refusals.ts";
import { addressOf, clientAddress, createTrust, type Trust, trustedBeside } from "./trust.ts";

/** What proxies write for the scheme of the client's connection; Traefik tells WebSockets apart. */
const schemes: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"],
  ["wss", "https"],
]);

/**
 * The door for proxies that forward by themselves and ask about each request first: Caddy's forward_auth, nginx's
 * auth_request, Traefik's ForwardAuth, Envoy's HTTP ext_authz. It turns such a question into the facts of the request
 * that is asked about, judged as strictly as if that request had come here itself.
 */
export class ForwardAuthDoor {
  readonly #settings: ForwardAuthSettings;
  readonly #callers: Trust;
  readonly #proxies: Trust;

  constructor(settings: ForwardAuthSettings, trustedProxies: readonly string[]) {
    this.#settings = settings;
    this.#callers = createTrust(settings.callers);
    this.#proxies = createTrust([...trustedProxies, ...settings.callers]);
  }

  /** Is this request a question? By its path as sent and as normalised: neither spelling is a way around the door. */
  isQuestion({ host, path, target }: RequestFacts): boolean {
    const { hosts, path: door, question } = this.#settings;
    if (hosts.length > 0 && !hosts.includes(host)) return false;
    if (question === "headers") return path === door;
    return isBelow(target, door) || isBelow(path, door);
  }

  /** Facts of the request that is asked about, or why there is no answer. */
  read(asked: RequestFacts): RequestFacts | Refusal {
    if (!this.#mayAsk(asked)) return callerRefused;
    return this.#settings.question === "headers" ? this.#fromHeaders(asked) : this.#fromPath(asked);
  }

  #mayAsk({ peerAddress, headers }: RequestFacts): boolean {
    const { callers, secret } = this.#settings;
    if (callers.length > 0 && !this.#callers.trusts(peerAddress)) return false;
    // Whoever has neither an address to show nor a secret may not ask, whatever the settings forgot.
    return secret === null ? callers.length > 0 : showsSecret(headers.raw, secret);
  }

  #fromHeaders(asked: RequestFacts): RequestFacts | Refusal {
    const { headers } = asked;
    const method = sole(headers, "x-forwarded-method");
    const target = sole(headers, "x-forwarded-uri");
    const authority = sole(headers, "x-forwarded-host");
    if (method === null || target === null || authority === null) return untold("method, URI or host");
    return this.#facts(asked, method, target, authority);
  }

  #fromPath(asked: RequestFacts): RequestFacts | Refusal {
    const { path } = this.#settings;
    if (!isBelow(asked.target, path)) return refusals.path;
    return this.#facts(asked, asked.method, asked.target.slice(path.length), asked.authority);
  }

  #facts(asked: RequestFacts, method: string, target: string, authority: string): RequestFacts | Refusal {
    const mark = target.indexOf("?");
    const path = mark < 0 ? target : target.slice(0, mark);
    const query = mark < 0 ? "" : target.slice(mark + 1);
    const normal = normalisePath(path);
    const host = parseHost(authority);
    if (method === "CONNECT" || method === "TRACE") return refusals.method;
    if (!methods.has(method)) return untold("method");
    // The proxy sends on what the client wrote: where dot segments lead is for its upstream to say, not for us.
    if (normal === null || !keepsSegments(path)) return refusals.path;
    if (!isAcceptableQuery(query)) return refusals.query;
    if (host === null) return refusals.hostInvalid;
    const told = this.#told(asked);
    if (told === null) return untold("scheme or client address");
    const headers = this.#headers(asked.headers, authority);
    const from = { target, path: normal, query, host, authority, method, headers };
    return { ...asked, ...from, ...told, body: null, upgrade: null, tls: null, peerTrusted: true };
  }

  /** Scheme and address of the client. A client that is not told would get the proxy's own address, and its rights. */
  #told({ headers, peerAddress }: RequestFacts): Pick<RequestFacts, "scheme" | "clientAddress"> | null {
    const scheme = schemes.get(sole(headers, "x-forwarded-proto")?.toLowerCase() ?? "");
    const chain = headers.joined("x-forwarded-for");
    if (scheme === undefined || chain === undefined || lastAddress(chain) === null) return null;
    // The asker has shown that it may ask, by its address or by the secret: its own word on the client counts.
    const trust = trustedBeside(this.#proxies, peerAddress);
    return { scheme, clientAddress: clientAddress(peerAddress, chain, trust) };
  }

  /** What the client sent, as far as the proxy passed it on: without what the question itself is made of. */
  #headers(sent: HeaderList, authority: string): HeaderList {
    const headers = stripHopByHop(sent, true);
    for (const name of ["x-forwarded-method", "x-forwarded-uri", "content-length"]) headers.delete(name);
    if (this.#settings.secret !== null) headers.delete(this.#settings.secret.header);
    headers.set("Host", authority);
    return headers;
  }
}

const callerRefused = refuse("forward-auth-caller-not-allowed", { detail: "address or secret of the caller" });

function untold(what: string): Refusal {
  return refuse("forward-auth-malformed", { detail: `${what} missing, repeated or not valid` });
}

function isBelow(path: string, door: string): boolean {
  return path.startsWith(door) && path.charCodeAt(door.length) === 0x2f;
}

/** Null when absent, repeated or empty. */
function sole(headers: HeaderList, lowerName: string): string | null {
  const values = headers.all(lowerName);
  return values.length === 1 && values[0] !== "" ? (values[0] as string) : null;
}

/** The one that the asker wrote. */
function lastAddress(chain: string): string | null {
  const address = addressOf(chain.slice(chain.lastIndexOf(",") + 1).trim());
  return address !== null && isIP(address) !== 0 ? address : null;
}
