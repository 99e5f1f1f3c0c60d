import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface AuthService {
  readonly port: number;
  readonly asked: { readonly method: string; readonly url: string; readonly raw: readonly string[]; body: string }[];
  /** Made so far. */
  connections(): number;
  /** Closes what no request is under way on. */
  closeIdle(): void;
  close(): void;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** An auth service that keeps what it was asked, and answers by the path that it was asked about. */
export async function startAuthService(
  makeServer: (listener: Listener) => Server = createServer,
): Promise<AuthService> {
  const asked: AuthService["asked"] = [];
  const server = makeServer((request, response) => {
    const one = { method: request.method ?? "", url: request.url ?? "", raw: request.rawHeaders, body: "" };
    asked.push(one);
    request.on("data", (chunk: Buffer) => void (one.body += String(chunk)));
    const about = String(request.headers["x-forwarded-uri"]);
    if (about.includes("silent")) return;
    if (about.includes("huge")) return void response.writeHead(401).end("x".repeat(100_000));
    if (about.includes("cut")) return void response.destroy();
    if (about.includes("login")) {
      const fields = [
        "Location",
        "https://login.test/?rd=1",
        "Set-Cookie",
        "a=1",
        "Set-Cookie",
        "b=2",
        "Keep-Alive",
        "timeout=9",
      ];
      return void response.writeHead(302, fields).end("please log in");
    }
    if (about.includes("empty")) return void response.writeHead(204).end();
    return void response
      .writeHead(200, ["Remote-User", "ann", "X-Auth-Request-Email", "ann@test", "Set-Cookie", "c=3"])
      .end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  server.unref();
  let connections = 0;
  server.on("connection", () => void (connections += 1));
  return {
    connections: () => connections,
    closeIdle: () => server.closeIdleConnections(),
    port: (server.address() as AddressInfo).port,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A gateway with an API for each service that is asked. */
export function definition(application: number, uris: Readonly<Record<string, string>>): string {
  const apis = Object.entries(uris).map(
    ([name, uri]) => `  ${name}:
    path: /${name}
    backend: application
    access: public
    policies:
      inbound:
        - base
        - forward-auth: { uri: "${uri}", timeout: 700ms, copyHeaders: [Remote-User, X-Auth-Request-Email>Remote-Email] }
      on-error: [base, { set-header: { name: X-Error, values: [ours] } }]
`,
  );
  return `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, allowHeaderNames: [remote_user] }
apis:
${apis.join("")}backends: { application: { url: "http://127.0.0.1:${application}" } }
products: { starter: { apis: [app], subscription: either } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
`;
}
