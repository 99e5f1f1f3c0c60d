import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import { post } from "./identity-provider.ts";

type Middleware = Parameters<Provider["use"]>[0];
type Claims = Readonly<Record<string, unknown>>;

interface Tenant {
  readonly provider: Provider;
  readonly handle: ReturnType<Provider["callback"]>;
  readonly key: Readonly<Record<string, unknown>>;
}

/**
 * Several tenants of one provider, laid out as Entra ID is: a real oidc-provider for each. What they have in common
 * (`/organizations`) stands in for Entra's own: its metadata, an authorization endpoint that leads to the tenant of the
 * person, and a token endpoint that has that tenant answer.
 */
export class TenantsProvider {
  readonly clientSecret: string = randomBytes(24).toString("hex");
  /** By tenant, then by subject: claims besides `sub`. */
  readonly people: Record<string, Record<string, Claims>> = {};
  /** Whose people log in next. */
  home = "";
  /** RFC 9207; Entra ID does not. */
  saysIssuer = true;
  /** Has another tenant's token endpoint answer, as a provider that mixes them up would. */
  answersFor: ((response: string) => string) | null = null;
  readonly asked: string[] = [];
  readonly #gateway: string;
  readonly #ca: () => string;
  readonly #tenants = new Map<string, Tenant>();
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));

  /**
   * @param gateway where browsers come back to: `https://localhost:1234`
   * @param ca PEM, for back-channel logout; the gateway makes its own when it starts
   */
  constructor(gateway: string, ca: () => string) {
    this.#gateway = gateway;
    this.#ca = ca;
  }

  async start(...tenants: readonly string[]): Promise<this> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    for (const tenant of tenants) {
      this.people[tenant] = {};
      this.#tenants.set(tenant, this.#tenant(tenant));
    }
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of all sessions of somebody there. */
  async sendLogout(tenant: string, subject: string): Promise<void> {
    const client = await this.#tenants.get(tenant)?.provider.Client.find("gateway");
    await (client as unknown as { backchannelLogout(sub: string): Promise<void> }).backchannelLogout(subject);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.origin);
    this.asked.push(`${request.method} ${url.pathname}`);
    const [, place = "", ...rest] = url.pathname.split("/");
    if (place === "organizations") return this.#common(`/${rest.join("/")}`, url, request, response);
    const tenant = this.#tenants.get(place);
    if (tenant === undefined) return void response.writeHead(404).end();
    const mounted = request as IncomingMessage & { originalUrl?: string };
    mounted.originalUrl = request.url ?? "";
    request.url = request.url?.slice(`/${place}/v2.0`.length) ?? "";
    if (!this.saysIssuer) leaveOutIssuer(response, this.#gateway);
    return tenant.handle(mounted, response);
  }

  async #common(path: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const here = `${this.origin}/organizations`;
    if (path === "/v2.0/.well-known/openid-configuration") {
      const metadata = {
        issuer: `${this.origin}/{tenantid}/v2.0`,
        authorization_endpoint: `${here}/oauth2/v2.0/authorize`,
        token_endpoint: `${here}/oauth2/v2.0/token`,
        jwks_uri: `${here}/discovery/v2.0/keys`,
        token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
        id_token_signing_alg_values_supported: ["ES256"],
      };
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(metadata));
    }
    if (path === "/discovery/v2.0/keys") {
      const keys = [...this.#tenants].map(([id, { key }]) => ({ ...key, issuer: `${this.origin}/${id}/v2.0` }));
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys }));
    }
    if (path === "/oauth2/v2.0/authorize") {
      return void response.writeHead(302, { location: `/${this.home}/v2.0/auth${url.search}` }).end();
    }
    if (path !== "/oauth2/v2.0/token") return void response.writeHead(404).end();
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { authorization = "", "content-type": type = "" } = request.headers;
    const headers = { ...(authorization === "" ? {} : { authorization }), "content-type": type };
    const answer = await fetch(`${this.origin}/${this.home}/v2.0/token`, { method: "POST", body, headers });
    const text = await answer.text();
    const said = this.answersFor?.(text) ?? text;
    return void response.writeHead(answer.status, { "content-type": "application/json" }).end(said);
  }

  #tenant(id: string): Tenant {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const named = (key: KeyObject): Readonly<Record<string, unknown>> => ({
      ...key.export({ format: "jwk" }),
      kid: `key of ${id}`,
      use: "sig",
      alg: "ES256",
    });
    const people = this.people[id] ?? {};
    const provider = new Provider(`${this.origin}/${id}/v2.0`, {
      jwks: { keys: [named(privateKey) as never] },
      cookies: { keys: [randomBytes(32).toString("base64url")] },
      clients: [
        {
          client_id: "gateway",
          client_secret: this.clientSecret,
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
          redirect_uris: [`${this.#gateway}/.sallyport/callback`],
          post_logout_redirect_uris: [`${this.#gateway}/.sallyport/logged-out`],
          backchannel_logout_uri: `${this.#gateway}/.sallyport/backchannel-logout`,
          id_token_signed_response_alg: "ES256",
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
      scopes: ["openid", "offline_access"],
      claims: { openid: ["sub", "oid", "tid", "groups", "hasgroups"], profile: ["name"] },
      conformIdTokenClaims: false,
      issueRefreshToken: () => Promise.resolve(true),
      findAccount: (_context, who) => {
        const claims = people[who];
        return claims && { accountId: who, claims: () => ({ sub: who, ...claims }) };
      },
      features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
      fetch: (url, options) => post(String(url), options as RequestInit, this.#ca()),
      interactions: { url: (_context, interaction) => `/${id}/v2.0/login/${interaction.uid}` },
      ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 600, IdToken: 600, RefreshToken: 3600 },
    });
    provider.use(loginPage(provider, people));
    return { provider, handle: provider.callback(), key: named(publicKey) };
  }
}

/** Entra ID says nothing of itself in what it sends the browser back with. */
function leaveOutIssuer(response: ServerResponse, gateway: string): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    if (name.toLowerCase() !== "location" || !String(value).startsWith(gateway)) return set(name, value);
    const url = new URL(String(value));
    url.searchParams.delete("iss");
    return set(name, url.href);
  };
}

function loginPage(provider: Provider, people: Readonly<Record<string, Claims>>): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith("/login/")) return next();
    if (context.method !== "POST") {
      context.type = "html";
      context.body = `<!doctype html><title>Provider</title><h1>Who are you?</h1>`;
      return undefined;
    }
    let text = "";
    for await (const chunk of context.req) text += String(chunk);
    const who = new URLSearchParams(text).get("who") ?? "";
    if (!Object.hasOwn(people, who)) throw new Error("nobody of this tenant");
    const { params } = await provider.interactionDetails(context.req, context.res);
    const grant = new provider.Grant({ accountId: who, clientId: String(params["client_id"]) });
    grant.addOIDCScope("openid profile offline_access");
    const result = { login: { accountId: who }, consent: { grantId: await grant.save() } };
    context.respond = false;
    await provider.interactionFinished(context.req, context.res, result, { mergeWithLastSubmission: false });
    return undefined;
  };
}
