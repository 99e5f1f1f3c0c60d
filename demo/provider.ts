import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Configuration, Provider } from "oidc-provider";
import { audience, people } from "./people.ts";

/** What the provider is told of its clients. */
export interface DemoClients {
  /** Secret of the service client `billing`, made anew in each clone. */
  readonly serviceSecret: string;
  /** Secret of the client `gateway`, with which people log in at the gateway with a browser. */
  readonly loginSecret: string;
  /** Redirect address of the client `console`, with which people log in. */
  readonly redirectUri: string;
}

/**
 * A certified OpenID provider for one machine: authorization code with PKCE for people, client credentials for the
 * service, JWT access tokens for {@link audience}. Keys live as long as the process, so a restart is a key rotation.
 */
export function createDemoProvider(issuer: string, clients: DemoClients): Provider {
  const provider = new Provider(issuer, configuration(clients));
  // Registered scopes only; the provider logs through events, which a demo has no use for.
  provider.use(loginPages(provider));
  allowAnyPort(provider);
  return provider;
}

/** The gateway's port may be the system's choice, which this process does not know (as RFC 8252 §7.3 has it for apps). */
function allowAnyPort({ Client }: Provider): void {
  const { redirectUriAllowed, postLogoutRedirectUriAllowed } = Client.prototype;
  const plain = (uri: string): string => uri.replace(/^https:\/\/localhost:\d+\//, "https://localhost/");
  Object.assign(Client.prototype, {
    redirectUriAllowed(this: Client, uri: string): boolean {
      return redirectUriAllowed.call(this, plain(uri));
    },
    postLogoutRedirectUriAllowed(this: Client, uri: string): boolean {
      return postLogoutRedirectUriAllowed.call(this, plain(uri));
    },
  });
}

type Client = InstanceType<Provider["Client"]>;

/** Without its port. */
const gateway = "https://localhost/.sallyport";

function configuration({ serviceSecret, loginSecret, redirectUri }: DemoClients): Configuration {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    jwks: {
      keys: [
        { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: randomBytes(8).toString("hex") },
      ],
    },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    clients: [
      {
        client_id: "billing",
        client_secret: serviceSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        scope: "orders.read",
      },
      {
        client_id: "gateway",
        client_secret: loginSecret,
        grant_types: ["authorization_code"],
        redirect_uris: [`${gateway}/callback`],
        post_logout_redirect_uris: [`${gateway}/logged-out`],
        response_types: ["code"],
      },
      {
        client_id: "console",
        token_endpoint_auth_method: "none",
        application_type: "native",
        grant_types: ["authorization_code"],
        redirect_uris: [redirectUri],
        response_types: ["code"],
      },
    ],
    scopes: ["openid", "orders.read"],
    claims: { openid: ["sub", "groups"], profile: ["name"] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    extraTokenClaims: (_context, token) => {
      const person = "accountId" in token && typeof token.accountId === "string" ? people[token.accountId] : undefined;
      return person === undefined ? undefined : { name: person.name, groups: [...person.groups] };
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // The gateway asks who somebody is, and calls nothing with the token.
        defaultResource: (_context, client) => (client?.clientId === "gateway" ? [] : audience),
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "orders.read",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 3600,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 3600, ClientCredentials: 3600 },
  };
}

type Middleware = Parameters<Provider["use"]>[0];

/** One page with two names: GET shows it, POST logs in and grants what the client asked for. */
function loginPages(provider: Provider): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith("/login/")) return next();
    if (context.method === "POST") return logIn(provider, context);
    context.type = "html";
    const buttons = Object.entries(people).map(([id, { name }]) => `<button name="who" value="${id}">${name}</button>`);
    context.body = `<!doctype html><title>Log in</title><form method="post"><h1>Who are you?</h1>${buttons.join(" ")}</form>`;
    return undefined;
  };
}

async function logIn(provider: Provider, context: Parameters<Middleware>[0]): Promise<void> {
  const { req, res } = context;
  const who = new URLSearchParams(await readForm(req)).get("who") ?? "";
  if (!Object.hasOwn(people, who)) {
    context.status = 400;
    return;
  }
  const interaction = await provider.interactionDetails(req, res);
  const grant = new provider.Grant({ accountId: who, clientId: String(interaction.params["client_id"]) });
  grant.addOIDCScope("openid profile orders.read");
  grant.addResourceScope(audience, "orders.read");
  const grantId = await grant.save();
  const result = { login: { accountId: who }, consent: { grantId } };
  context.respond = false;
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

async function readForm(request: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 1024) return "";
  }
  return text;
}
