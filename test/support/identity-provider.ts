import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { type ClientMetadata, type Configuration, Provider } from "oidc-provider";

export interface Person {
  readonly name: string;
  readonly email?: string;
  readonly groups: readonly string[];
}

export interface IdentityProviderOptions {
  /** A loopback address of its own, so that cookies of two do not meet. Default 127.0.0.1. */
  readonly address?: string;
  /** Where browsers come back to: `https://localhost:1234`. */
  readonly gateway: string;
  /** PEM, for back-channel logout; the gateway makes its own when it starts. */
  readonly ca?: () => string;
  readonly client?: Partial<ClientMetadata>;
  /** Seconds. */
  readonly accessTokenTtl?: number;
  /** Groups stand in the ID token, and the userinfo endpoint says nothing of them. */
  readonly groupsInToken?: boolean;
}

type Middleware = Parameters<Provider["use"]>[0];

/** A certified OpenID provider on loopback, whose people, sessions and life are in a test's hands. */
export class IdentityProvider {
  readonly people: Record<string, Person> = {};
  /** Requests by path, so that a test sees what it was asked. */
  readonly asked: string[] = [];
  /** People whose tokens were had anew. */
  readonly refreshed: string[] = [];
  /** Grants that were taken back. */
  readonly revoked: string[] = [];
  /** Whoever asks meanwhile gets no answer. */
  hangs = false;
  /** Instead of tokens. */
  says: { readonly status: number; readonly error: string } | null = null;
  readonly clientSecret: string = randomBytes(24).toString("hex");
  readonly #options: IdentityProviderOptions;
  readonly #server: Server = createServer((incoming, response) => {
    this.asked.push(`${incoming.method} ${incoming.url?.split("?")[0]}`);
    if (this.#isDown) return void incoming.socket.destroy();
    if (this.hangs) return;
    if (this.says !== null && incoming.url === "/token") {
      const { status, error } = this.says;
      return void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    }
    return void this.#handler(incoming, response);
  });
  #handler: ReturnType<Provider["callback"]> = () => Promise.reject(new Error("not started"));
  #provider: Provider | null = null;
  #isDown = false;
  issuer: string = "";
  /** `sid` of the ID token that was made last. */
  lastSid: string = "";

  constructor(options: IdentityProviderOptions) {
    this.#options = options;
  }

  async start(): Promise<this> {
    const { address = "127.0.0.1" } = this.#options;
    this.#server.listen(0, address);
    await once(this.#server, "listening");
    this.issuer = `http://${address}:${(this.#server.address() as AddressInfo).port}`;
    this.#provider = new Provider(this.issuer, this.#configuration());
    this.#provider.use(loginPages(this.#provider, this));
    this.#handler = this.#provider.callback();
    this.#provider.on("grant.revoked", (_context, grant) => void this.revoked.push(grant));
    this.#provider.on("grant.success", (context) => {
      const code = context.oidc.entities.AuthorizationCode;
      if (code?.sid !== undefined) this.lastSid = code.sid;
      if (code === undefined) this.refreshed.push(context.oidc.entities.RefreshToken?.accountId ?? "");
    });
    return this;
  }

  /** Whoever asks meanwhile has their connection cut. */
  set down(isDown: boolean) {
    this.#isDown = isDown;
    if (isDown) this.#server.closeAllConnections();
  }

  /** Tells the gateway that somebody's session has ended, as a provider does of its own accord. */
  async sendLogout(subject: string, sid: string): Promise<void> {
    const client = await this.#provider?.Client.find("gateway");
    await (client as unknown as { backchannelLogout(sub: string, sid: string): Promise<void> }).backchannelLogout(
      subject,
      sid,
    );
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  #configuration(): Configuration {
    const { gateway, ca, client, accessTokenTtl = 600, groupsInToken = false } = this.#options;
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    return {
      jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "first", use: "sig", alg: "ES256" }] },
      cookies: { keys: [randomBytes(32).toString("base64url")] },
      clients: [
        {
          client_id: "gateway",
          client_secret: this.clientSecret,
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
          redirect_uris: [`${gateway}/.sallyport/callback`],
          post_logout_redirect_uris: [`${gateway}/.sallyport/logged-out`],
          backchannel_logout_uri: `${gateway}/.sallyport/backchannel-logout`,
          backchannel_logout_session_required: true,
          id_token_signed_response_alg: "ES256",
          ...client,
        },
      ],
      scopes: ["openid", "offline_access"],
      claims: { openid: ["sub", "groups"], profile: ["name"], email: ["email"] },
      conformIdTokenClaims: !groupsInToken,
      issueRefreshToken: (_context, { grantTypeAllowed }) => Promise.resolve(grantTypeAllowed !== undefined),
      rotateRefreshToken: true,
      findAccount: (_context, id) => {
        const person = this.people[id];
        if (person === undefined) return undefined;
        return {
          accountId: id,
          claims: (use) => {
            const { groups, ...plain } = person;
            const isHere = (use === "id_token") === groupsInToken;
            return { sub: id, ...plain, ...(isHere ? { groups: [...groups] } : {}) };
          },
        };
      },
      features: {
        devInteractions: { enabled: false },
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
        userinfo: { enabled: true },
        revocation: { enabled: true },
      },
      fetch: (url, options) => post(String(url), options as RequestInit, ca?.() ?? ""),
      interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
      ttl: {
        Interaction: 600,
        Session: 3600,
        Grant: 3600,
        AccessToken: accessTokenTtl,
        IdToken: 600,
        RefreshToken: 3600,
      },
    };
  }
}

/** One page with two names: GET shows it, POST logs in and grants what the client asked for. */
function loginPages(provider: Provider, { people }: IdentityProvider): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith("/login/")) return next();
    if (context.method === "POST") return logIn(provider, context, people);
    context.type = "html";
    const buttons = Object.keys(people).map((id) => `<button name="who" value="${id}">${id}</button>`);
    context.body = `<!doctype html><title>Provider</title><form method="post"><h1>Who are you?</h1>${buttons.join(" ")}</form>`;
    return undefined;
  };
}

async function logIn(
  provider: Provider,
  context: Parameters<Middleware>[0],
  people: Readonly<Record<string, Person>>,
): Promise<void> {
  const { req, res } = context;
  let text = "";
  for await (const chunk of req) text += String(chunk);
  const who = new URLSearchParams(text).get("who") ?? "";
  if (!Object.hasOwn(people, who)) {
    context.status = 400;
    return;
  }
  const interaction = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: who, clientId: String(interaction.params["client_id"]) });
  grant.addOIDCScope("openid profile email offline_access");
  const result = { login: { accountId: who }, consent: { grantId: await grant.save() } };
  context.respond = false;
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

/** The provider's own requests: to a gateway whose certificate is of its internal CA. */
export function post(url: string, { method = "GET", headers, body }: RequestInit, ca: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const fields = Object.fromEntries(new Headers(headers));
    const outgoing = request(url, { method, headers: fields, ca, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(new Response(null, { status: response.statusCode ?? 500 })));
    });
    outgoing.on("error", reject);
    outgoing.end(String(body ?? ""));
  });
}
