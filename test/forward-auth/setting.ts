import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { root } from "#test/support/require.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";

export interface SeenByUpstream {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The application behind the other proxy. */
export interface Application {
  readonly port: number;
  readonly seen: SeenByUpstream[];
  close(): void;
}

export async function startApplication(): Promise<Application> {
  const seen: SeenByUpstream[] = [];
  const server = createServer((message, response) => {
    let body = "";
    message.on("data", (chunk: Buffer) => void (body += String(chunk)));
    message.on("end", () => {
      const { method = "", url = "", headers } = message;
      seen.push({ method, url, headers, body });
      response.end("from the application");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export interface Asked {
  readonly gateway: TestGateway;
  readonly issuer: TokenIssuer;
  close(): Promise<void>;
}

/** A gateway that other proxies ask. */
export async function startAsked(door: string = "{ path: /.sallyport/auth, callers: [127.0.0.1] }"): Promise<Asked> {
  const issuer = await startIssuer();
  const definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, forwardAuth: ${door} }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders:
    hosts: [app.test]
    path: /orders
    forwardAuth: true
    access: [{ allow: '"staff" in principal.groups' }]
    policies: { inbound: [base, { set-header: { name: X-Tenant, values: ["\${principal.subject}-tenant"] } }] }
  open: { path: /open, forwardAuth: true, access: public }
  keyed: { path: /keyed, forwardAuth: true }
  limited:
    path: /limited
    forwardAuth: true
    backend: nowhere
    access: public
    policies: { inbound: [base, { rate-limit-by-key: { calls: 3, period: 1h, key: "\${request.clientAddress}" } }] }
  local: { path: /local, forwardAuth: true, access: [{ allow: 'request.clientAddress == "127.0.0.1"' }] }
  secure: { path: /secure, forwardAuth: true, access: [{ allow: 'request.scheme == "https"' }] }
  tricky:
    path: /tricky
    forwardAuth: true
    access: [{ allow: 'false' }]
    policies: { on-error: [base, { return-response: { status: 200, body: welcome } }] }
  browser:
    path: /browser
    forwardAuth: true
    access: public
    policies:
      inbound:
        - return-response:
            status: 302
            headers:
              Location: "https://login.test/start?back=%2Fbrowser%2F&state=a%26b"
              Set-Cookie: "login=1; Path=/; HttpOnly"
  direct: { path: /direct, backend: nowhere, access: public }
backends: { nowhere: { url: "http://127.0.0.1:9" } }
products: { starter: { apis: [keyed], subscription: key } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
`;
  const gateway = await startTestGateway({
    definition,
    args: ["--workers", "1"],
    env: { TEAM_KEY: teamKey, DOOR_SECRET: doorSecret },
  });
  return {
    gateway,
    issuer,
    close: async () => {
      await gateway.cleanUp();
      await issuer.close();
    },
  };
}

export const teamKey = "key-of-the-team-0123456789";
export const doorSecret = "a-secret-of-the-proxy-0123";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): Record<string, unknown>;
}

/** One request, its target and fields as they are written; `fields` flat. */
export function send(
  port: number,
  path: string,
  fields: readonly string[] = [],
  more: { readonly method?: string; readonly body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const own = fields.some((name, at) => at % 2 === 0 && name.toLowerCase() === "host") ? [] : ["Host", "app.test"];
    const length = more.body === undefined ? [] : ["Content-Length", String(Buffer.byteLength(more.body))];
    const headers = [...own, ...fields, ...length, "Connection", "close"];
    const options = { host: "127.0.0.1", port, path, method: more.method ?? "GET", headers, setHost: false };
    const message = request(options, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => void (text += String(chunk)));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as Record<string, unknown>,
        }),
      );
    });
    message.on("error", reject);
    message.end(more.body);
  });
}

/** What `explain` tells of an answer. */
export async function explained({ data }: TestGateway, { headers }: Reply): Promise<string> {
  const id = String(headers["x-request-id"]);
  for (let tries = 0; ; tries += 1) {
    const { code, stdout, stderr } = await runCli(["explain", id, "--data", data]);
    if (code === 0) return stdout;
    if (tries > 20) throw new Error(stderr);
  }
}

/** The example of a page of the documentation for that server, with the ports of the test. */
export function snippet(
  language: string,
  { gateway }: { readonly gateway: Pick<TestGateway, "port"> },
  application: { readonly port: number },
  name = "forward-auth.md",
): string {
  const page = readFileSync(join(root, "docs", "howto", name), "utf8");
  const [, text] = new RegExp(`\n\`\`\`${language}\n(.*?)\n\`\`\`\n`, "s").exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no example for ${language}`);
  return text
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${gateway.port}`)
    .replaceAll("127.0.0.1:9001", `127.0.0.1:${application.port}`);
}
