import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** As many as one answer of `getMemberGroups` holds. */
const mostAtOnce = 11_000;

interface Group {
  readonly id: string;
  readonly securityEnabled: boolean;
}

/**
 * Stands in for Microsoft Graph and for the token endpoint of Entra ID, with the answers that Microsoft documents: it is
 * not them, and knows nothing else of them.
 * @see https://learn.microsoft.com/graph/api/directoryobject-getmembergroups
 * @see https://learn.microsoft.com/graph/api/user-list-transitivememberof
 */
export class GraphStandIn {
  readonly clientSecret: string = "s3cret of the stand-in";
  /** Groups by person. */
  readonly people: Map<string, readonly Group[]> = new Map();
  /** Method and path of what came, newest last; token requests with their form. */
  readonly asked: string[] = [];
  /** Instead of an answer about groups. */
  says: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: object } | null =
    null;
  /** Where the next page is said to be; null: here. */
  nextPageAt: string | null = null;
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));
  /** Tokens that are good: a test may take them back. */
  readonly tokens: Set<string> = new Set();
  #made = 0;

  async start(): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lines of a definition: `graph: { … }`. */
  settings(more: string = ""): string {
    return `graph: { url: "${this.origin}/v1.0", tokenUrl: "${this.origin}/{tenantid}/oauth2/v2.0/token"${more} }`;
  }

  put(person: string, ...groups: readonly string[]): void {
    this.people.set(
      person,
      groups.map((id) => ({ id, securityEnabled: true })),
    );
  }

  count(part: string): number {
    return this.asked.filter((one) => one.includes(part)).length;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const url = new URL(request.url ?? "", this.origin);
    const isToken = url.pathname.endsWith("/oauth2/v2.0/token");
    this.asked.push(`${request.method} ${request.url}${isToken ? ` ${body}` : ""}`);
    const { status, headers = {}, body: said } = isToken ? this.#token(body) : this.#answer(request, url, body);
    response.writeHead(status, { "content-type": "application/json; odata.metadata=minimal", ...headers });
    response.end(JSON.stringify(said));
  }

  #token(body: string): NonNullable<GraphStandIn["says"]> {
    const form = new URLSearchParams(body);
    if (form.get("client_secret") !== this.clientSecret) {
      const error_description = "AADSTS7000215: Invalid client secret provided.";
      return { status: 401, body: { error: "invalid_client", error_description, error_codes: [7_000_215] } };
    }
    const isRight = form.get("grant_type") === "client_credentials" && form.get("scope") === `${this.origin}/.default`;
    if (!isRight) return { status: 400, body: { error: "invalid_scope" } };
    this.#made += 1;
    this.tokens.add(`graph-${this.#made}`);
    const lifetime = { expires_in: 3599, ext_expires_in: 3599 };
    return { status: 200, body: { token_type: "Bearer", ...lifetime, access_token: `graph-${this.#made}` } };
  }

  #answer({ method, headers }: IncomingMessage, url: URL, body: string): NonNullable<GraphStandIn["says"]> {
    if (!this.tokens.has(headers.authorization?.slice("Bearer ".length) ?? ""))
      return refusal(401, "InvalidAuthenticationToken");
    if (this.says !== null) return this.says;
    const [, kind, id = "", what] =
      /^\/v1\.0\/(users|servicePrincipals)\/([^/]+)\/(getMemberGroups|transitiveMemberOf\/microsoft\.graph\.group)$/.exec(
        url.pathname,
      ) ?? [];
    const groups = this.people.get(id);
    if (kind === undefined || groups === undefined) return refusal(404, "Request_ResourceNotFound");
    if (what === "getMemberGroups" && method === "POST") {
      const { securityEnabledOnly } = JSON.parse(body) as { securityEnabledOnly: boolean };
      const found = groups.filter((one) => one.securityEnabled || !securityEnabledOnly);
      if (found.length > mostAtOnce) return refusal(400, "Directory_ResultSizeLimitExceeded");
      const context = `${this.origin}/v1.0/$metadata#Collection(Edm.String)`;
      return { status: 200, body: { "@odata.context": context, value: found.map((one) => one.id) } };
    }
    return method === "GET" ? this.#page(url, groups) : refusal(405, "Request_BadRequest");
  }

  #page(url: URL, groups: readonly Group[]): NonNullable<GraphStandIn["says"]> {
    const top = Number(url.searchParams.get("$top"));
    if (!(top > 0 && top <= 999)) return refusal(400, "Request_UnsupportedQuery");
    const start = Number(url.searchParams.get("$skiptoken") ?? 0);
    const next = new URL(url);
    next.searchParams.set("$skiptoken", String(start + top));
    const link = this.nextPageAt ?? next.href;
    const context = `${this.origin}/v1.0/$metadata#groups(id,securityEnabled)`;
    const more = start + top < groups.length ? { "@odata.nextLink": link } : {};
    return { status: 200, body: { "@odata.context": context, ...more, value: groups.slice(start, start + top) } };
  }
}

function refusal(status: number, code: string): NonNullable<GraphStandIn["says"]> {
  const innerError = { date: "2026-01-15T12:00:00", "request-id": "0", "client-request-id": "0" };
  return { status, body: { error: { code, message: "of the stand-in", innerError } } };
}
