import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { freePorts } from "./free-port.ts";
import { startTestGateway, type TestGateway } from "./gateway.ts";
import { IdentityProvider, type IdentityProviderOptions } from "./identity-provider.ts";

export interface LoginSceneOptions {
  /** Text of `identity.session`. */
  readonly session?: string;
  /** Text behind `login:`. */
  readonly login?: string;
  readonly provider?: Partial<IdentityProviderOptions>;
  /** A second one, called `partner`. */
  readonly second?: true;
  /** Default 2. */
  readonly workers?: number;
  /** Lines under `edge`, and APIs, besides those of the scene. */
  readonly edge?: string;
  readonly apis?: string;
}

/** An application behind a gateway where people log in with a real provider. */
export interface LoginScene {
  readonly base: string;
  readonly gateway: TestGateway;
  readonly provider: IdentityProvider;
  readonly partner: IdentityProvider;
  close(): Promise<void>;
}

export async function startLoginScene(options: LoginSceneOptions = {}): Promise<LoginScene> {
  const [port = 0] = await freePorts(1);
  const base = `https://localhost:${port}`;
  const application = await startApplication();
  let gateway: TestGateway | null = null;
  const ca = (): string => gateway?.ca ?? "";
  const provider = await new IdentityProvider({ gateway: base, ca, ...options.provider }).start();
  const partner = await new IdentityProvider({ address: "127.0.0.2", gateway: base, ca }).start();
  const login = options.login ?? "true";
  gateway = await startTestGateway({
    definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" }${options.edge ?? ""} }
identity:
  session: ${options.session ?? "{}"}
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: ${login} }
${options.second ? `    partner: { issuer: "${partner.issuer}", clientId: gateway, clientSecret: { env: PARTNER_SECRET }, login: { label: "Our partner" } }` : ""}
apis:
  app:
    hosts: [localhost]
    path: /app
    backend: up
    access: [{ allow: '"staff" in principal.groups' }]
${options.apis ?? ""}
backends: { up: { url: "http://127.0.0.1:${(application.address() as AddressInfo).port}" } }
`,
    args: ["--workers", String(options.workers ?? 2)],
    env: { CORP_SECRET: provider.clientSecret, PARTNER_SECRET: partner.clientSecret },
  });
  const running = gateway;
  return {
    base,
    gateway: running,
    provider,
    partner,
    close: async () => {
      await running.cleanUp();
      await Promise.all([provider.stop(), partner.stop()]);
      application.closeAllConnections();
      application.close();
      await once(application, "close");
    },
  };
}

/** Pages that say who sees them, an event stream, and WebSockets that are taken and left open. */
export async function startApplication(): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.includes("/events")) {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
      return;
    }
    response.setHeader("content-type", "text/html");
    const { "x-auth-request-user": user, "x-auth-request-groups": groups, cookie } = request.headers;
    response.end(
      `<!doctype html><title>App</title><h1>Hello ${user}</h1><p id=groups>${groups}</p><p id=cookie>${cookie}</p>`,
    );
  });
  server.on("upgrade", (request, socket: Socket) => {
    socket.on("error", () => {});
    // HTTP servers leave connections half open.
    socket.on("end", () => socket.destroy());
    socket.resume();
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
