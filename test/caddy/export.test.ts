import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { loadDefinition } from "#config/load.ts";
import { caddyAsking } from "#interop/caddy/asking.ts";
import { caddyInFront } from "#interop/caddy/in-front.ts";
import { writeCaddyfile } from "#interop/caddy/write-caddyfile.ts";
import { caddyJson } from "#interop/caddy/write-json.ts";
import type { Definition } from "#model/definition.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebSocketUpstream, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { caddyPorts, type CaddyPorts, runCaddy, type RunningCaddy } from "./run-caddy.ts";

/** Debian's Caddy runs what is exported, with both shapes and both formats, and real requests go through it. */
describe("export caddy", needsCommand("caddy"), () => {
  let folder: string;
  let upstream: TestUpstream;
  let sockets: WebSocketUpstream;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const hosts = ["api.test", "www.api.test", "socket.test"];
  const env = { PROXY_SECRET: "the-proxy-itself-0123456789", TEAM_KEY: "key-of-the-team-0123456789" };

  const definition = (edge: string): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }, ${edge} }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders:
    hosts: [api.test]
    path: /orders
    backend: orders
    forwardAuth: true
    access: [{ allow: '"staff" in principal.groups' }]
    policies: { inbound: [base, { set-header: { name: X-Tenant, values: ["\${principal.subject}-tenant"] } }] }
  open:
    hosts: [api.test, "www.api.test"]
    path: /open
    backend: based
    forwardAuth: true
    access: public
    policies: { inbound: [base, { set-header: { name: X-Client, values: ["\${request.clientAddress}"] } }] }
  keyed: { hosts: [api.test], path: /keyed, backend: orders, forwardAuth: true }
  echo: { hosts: [socket.test], path: /, backend: sockets, forwardAuth: true, access: public }
backends:
  orders: { url: "${upstream.url}", host: preserve }
  based: { url: "${upstream.url}/base/" }
  sockets: { url: "${sockets.url}" }
products: { starter: { apis: [keyed], subscription: key } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
`;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-export-caddy-"));
    [upstream, sockets, issuer] = await Promise.all([startUpstream(), startWebSocketUpstream(), startIssuer()]);
  });
  after(async () => {
    sockets.close();
    await Promise.all([upstream.close(), issuer.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  async function load(edge: string): Promise<Definition> {
    const file = join(folder, "loaded.yaml");
    writeFileSync(file, definition(edge));
    const result = await loadDefinition({ file, variables: env, readFile });
    return result.definition ?? assert.fail(JSON.stringify(result.diagnostics));
  }

  /** What the command prints; the definition's own listener has no port of its own in these tests. */
  async function exported(edge: string, ...args: readonly string[]): Promise<CliResult> {
    const file = join(folder, "export.yaml");
    writeFileSync(file, definition(edge));
    return runCli(["export", "caddy", "--config", file, ...args], env);
  }

  async function configuration(edge: string, ports: CaddyPorts, ...args: readonly string[]): Promise<string> {
    const places = ["--http-port", String(ports.httpPort), "--https-port", String(ports.httpsPort)];
    const result = await exported(edge, "--tls", "internal", ...places, ...args);
    assert.equal(result.code, 0, result.stderr);
    return result.stdout;
  }

  const staff = async (): Promise<string> => `Bearer ${await issuer.token({ sub: "ann", groups: ["staff"] })}`;
  const forged = {
    forwarded: "for=6.6.6.6;proto=https;host=evil.test",
    "x-forwarded-for": "6.6.6.6",
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "ftp",
    "x-auth-request-user": "root",
    "x-sallyport-subscription": "stolen",
  };

  for (const format of ["caddyfile", "json"] as const) {
    describe(`Caddy in front, as ${format}`, () => {
      const edge = "trustedProxies: [127.0.0.1], proxySecret: { header: X-Door, value: { env: PROXY_SECRET } }";
      let caddy: RunningCaddy;
      before(async () => {
        gateway = await startTestGateway({ definition: definition(edge), args: ["--workers", "1"], env });
        const ports = await caddyPorts();
        const text = await configuration(edge, ports, "--format", format, "--gateway", `127.0.0.1:${gateway.port}`);
        caddy = await runCaddy(text, ports, hosts, { SALLYPORT_PROXY_SECRET: env.PROXY_SECRET });
      });
      after(async () => {
        await caddy?.stop();
        await gateway.cleanUp();
      });

      it("carries identity, Host, body and the client's address, and nothing that the client claims", async () => {
        const reply = await send(caddy, "api.test", "/orders/7?page=2", { ...forged, authorization: await staff() });
        assert.equal(reply.status, 200, reply.text);
        const { headers, url } = upstream.seen.at(-1)!;
        assert.equal(url, "/7?page=2");
        assert.equal(headers["x-tenant"], "ann-tenant");
        assert.equal(headers.host, `api.test:${caddy.httpsPort}`);
        assert.equal(headers["x-forwarded-proto"], "https");
        assert.equal(headers["x-forwarded-host"], `api.test:${caddy.httpsPort}`);
        assert.equal(headers["x-forwarded-for"], "127.0.0.1, 127.0.0.1");
        assert.equal(headers["x-auth-request-user"], "ann");
        assert.equal(headers.forwarded, undefined);
        assert.equal(headers["x-door"], undefined);
        await send(caddy, "www.api.test", "/open/x", forged);
        assert.equal(upstream.seen.at(-1)!.headers["x-client"], "127.0.0.1");
        assert.equal(upstream.seen.at(-1)!.headers["x-sallyport-subscription"], undefined);
      });

      it("refuses as without it, switches to WebSocket, and sends plain HTTP to HTTPS", async () => {
        assert.equal((await send(caddy, "api.test", "/orders/7")).status, 401);
        assert.equal((await send(caddy, "api.test", "/keyed/7")).status, 401);
        const key = { "ocp-apim-subscription-key": env.TEAM_KEY };
        assert.equal((await send(caddy, "api.test", "/keyed/7", key)).status, 200);
        assert.equal(await echoed(caddy), "hello");
        const plain = await fetch(`http://127.0.0.1:${caddy.httpPort}/orders/7`, {
          headers: { host: "api.test" },
          redirect: "manual",
        });
        assert.equal(plain.status, 308);
        assert.equal((await fetch(`http://127.0.0.1:${gateway.port}/open/x`)).status, 403, "not by Caddy");
      });
    });

    it(`Caddy asks, as ${format}`, async (t) => {
      const edge = "forwardAuth: { path: /.sallyport/auth, callers: [127.0.0.1] }";
      const asked = await startTestGateway({ definition: definition(edge), args: ["--workers", "1"], env });
      t.after(() => asked.cleanUp());
      const ports = await caddyPorts();
      const shape = ["--shape", "asking", "--format", format, "--gateway", `127.0.0.1:${asked.port}`];
      const caddy = await runCaddy(await configuration(edge, ports, ...shape), ports, hosts);
      t.after(() => caddy.stop());
      const reply = await send(caddy, "api.test", "/orders/7?page=2", { ...forged, authorization: await staff() });
      assert.equal(reply.status, 200, reply.text);
      const { headers, url } = upstream.seen.at(-1)!;
      assert.equal(url, "/7?page=2");
      assert.deepEqual([headers["x-tenant"], headers["x-auth-request-user"]], ["ann-tenant", "ann"]);
      assert.equal(headers.forwarded, undefined);
      assert.equal(headers["x-forwarded-for"], "127.0.0.1");
      const already = upstream.seen.length;
      assert.equal((await send(caddy, "api.test", "/orders/7")).status, 401);
      assert.equal((await send(caddy, "api.test", "/ORDERS/7", { authorization: await staff() })).status, 404);
      assert.equal((await send(caddy, "api.test", "/elsewhere")).status, 404);
      assert.equal(upstream.seen.length, already);
      const key = { "ocp-apim-subscription-key": env.TEAM_KEY };
      assert.equal((await send(caddy, "api.test", "/keyed/7", key)).status, 200);
      assert.ok(!JSON.stringify(upstream.seen.at(-1)).includes(env.TEAM_KEY));
      assert.equal((await send(caddy, "www.api.test", "/open/x", forged)).status, 200);
      const open = upstream.seen.at(-1)!;
      assert.equal(open.url, "/base/x");
      assert.deepEqual([open.headers["x-client"], open.headers["x-auth-request-user"]], ["127.0.0.1", ""]);
      assert.equal(await echoed(caddy), "hello");
    });
  }

  it("Caddy makes the very JSON of the Caddyfile that is exported", async () => {
    const edges = {
      "in-front": "trustedProxies: [127.0.0.1]",
      asking:
        "forwardAuth: { path: /.sallyport/auth, callers: [127.0.0.1], secret: { header: X-Door, value: { env: PROXY_SECRET } } }",
    };
    const settings = { target: "2.6", hosts: [], gateway: "127.0.0.1:8080", from: null, httpPort: null } as const;
    for (const [shape, edge] of Object.entries(edges)) {
      const loaded = await load(edge);
      for (const [tls, email, trusted, httpsPort] of [
        ["internal", null, [], 8443],
        ["auto", "ops@example.com", ["10.0.0.0/8"], null],
        ["auto", null, [], null],
      ] as const) {
        const make = shape === "asking" ? caddyAsking : caddyInFront;
        const { plan, notes } = make(loaded, { ...settings, tls, email, trusted, httpsPort });
        assert.deepEqual(
          notes.filter(({ severity }) => severity === "error"),
          [],
        );
        const file = join(folder, "Caddyfile");
        writeFileSync(file, writeCaddyfile(plan));
        const adapted = spawnSync("caddy", ["adapt", "--config", file], { encoding: "utf8" });
        assert.equal(adapted.status, 0, adapted.stderr);
        assert.deepEqual(inOrder(caddyJson(plan)), inOrder(JSON.parse(adapted.stdout)));
        assert.doesNotMatch(adapted.stderr, /warn/i);
      }
    }
  });

  it("writes nothing where Caddy would do something else, and says where", async () => {
    const output = join(folder, "nothing");
    for (const [edge, args, code] of [
      ["trustedProxies: []", [], "export-not-trusted"],
      ["trustedProxies: [127.0.0.1]", ["--from", "10.0.0.1"], "export-not-trusted"],
      ["trustedProxies: [127.0.0.1]", ["--shape", "asking"], "export-forward-auth"],
      ["forwardAuth: { path: /ask, callers: [10.0.0.1] }", ["--shape", "asking"], "export-caller"],
      ["forwardAuth: { path: /ask, callers: [127.0.0.1], question: path }", ["--shape", "asking"], "export-question"],
    ] as const) {
      const result = await exported(edge, ...args, "--json", "--output", output);
      const { written, notes } = JSON.parse(result.stdout) as { written: unknown; notes: { code: string }[] };
      assert.deepEqual([result.code, written, notes.map((note) => note.code)], [1, null, [code]]);
      assert.equal(existsSync(output), false);
    }
    const shown = await exported("trustedProxies: []");
    assert.equal(shown.stdout, "");
    assert.match(shown.stderr, /edge\.trustedProxies: error \[export-not-trusted\].*\n {2}fix: add 127\.0\.0\.1/);
  });
});

/** Sites in one order: Caddy sorts them by how narrow their hosts are, which changes nothing where each is named. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOrder);
    const isHosts = items.every(
      (item) => typeof item === "string" || (item as { match?: unknown }).match !== undefined,
    );
    return isHosts ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inOrder(inner)]));
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function send(caddy: RunningCaddy, host: string, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: "127.0.0.1",
        port: caddy.httpsPort,
        servername: host,
        ca: caddy.ca,
        path,
        agent: false,
        headers: { ...headers, host: `${host}:${caddy.httpsPort}` },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += String(chunk)));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    call.on("error", reject);
    call.end();
  });
}

function echoed({ httpsPort, ca }: RunningCaddy): Promise<string> {
  return new Promise((resolve, reject) => {
    const tls = { ca, servername: "socket.test" };
    const socket = new WebSocket(`wss://127.0.0.1:${httpsPort}/echo`, [], { ...tls, headers: { host: "socket.test" } });
    socket.on("open", () => socket.send("hello"));
    socket.on("message", (data) => {
      resolve(String(data));
      socket.close();
    });
    socket.on("error", reject);
  });
}
