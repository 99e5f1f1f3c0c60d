import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, request as forward, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { type DoctorQuestion, doctorFindings } from "#cli/doctor/findings.ts";
import { certificateFindings } from "#app/doctor/certificate-findings.ts";
import { loadDefinition } from "#config/load.ts";
import type { Finding } from "#model/finding.ts";
import { startCaddy } from "#test/support/front-proxy.ts";
import { freePorts } from "#test/support/free-port.ts";
import { askAdmin } from "#test/support/admin.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";

const env = { TEAM_KEY: "key-of-the-team-0123456789" };

function at(port: number): { readonly host: string; readonly port: number } {
  return { host: "127.0.0.1", port };
}

/** Two days for one name, and its key. */
function selfSigned(
  folder: string,
  name: string,
  host: string,
  days = 2,
): { readonly key: string; readonly pem: string } {
  const [key, pem] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const names = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
  const made = spawnSync("openssl", [
    "req",
    "-x509",
    ...curve,
    "-keyout",
    key,
    "-out",
    pem,
    "-days",
    String(days),
    ...names,
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  return { key, pem };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  return (server.address() as AddressInfo).port;
}

/** Each failure is made on purpose; the diagnosis has to be that one, and no other. */
describe("sallyport doctor", () => {
  let folder: string;
  let issuer: TokenIssuer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-doctor-"));
    issuer = await startIssuer();
  });
  after(async () => {
    await issuer.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** In this process: a command a question would take most of the time. */
  async function doctor(text: string, more: Partial<DoctorQuestion> = {}): Promise<readonly Finding[]> {
    const file = join(folder, "sallyport.yaml");
    writeFileSync(file, text);
    const { definition, diagnostics } = await loadDefinition({ file, variables: env, readFile });
    assert.ok(definition !== null, JSON.stringify(diagnostics));
    return doctorFindings({ data: folder, keyDays: 90, ...more }, { definition, whole: true });
  }

  /** The command itself: what it prints, by an environment of its own. */
  async function asCommand(text: string, more: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
    const file = join(folder, "sallyport.yaml");
    writeFileSync(file, text);
    const { stdout, stderr } = await runCli(["doctor", "--config", file, "--data", folder, "--json"], more);
    assert.equal(stderr, "");
    return (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings;
  }

  const failed = (findings: readonly Finding[]): readonly string[] =>
    findings
      .filter(({ state, code }) => state === "failed" && code !== "doctor-admin")
      .map(({ code, name }) => `${code} ${name}`);
  const withState = (findings: readonly Finding[], state: Finding["state"]): readonly string[] =>
    findings.filter((one) => one.state === state).map(({ code }) => code);

  describe("behind a proxy", needsCommand("caddy"), () => {
    let trusting: TestGateway;
    let distrusting: TestGateway;
    const definition = (edge: string): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" }${edge} }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders: { hosts: [localhost], path: /orders, backend: orders, access: [{ allow: '"staff" in principal.groups' }] }
  keyed: { hosts: [localhost], path: /keyed, backend: orders }
backends: { orders: { url: "http://127.0.0.1:9" } }
products: { starter: { apis: [keyed], subscription: key } }
subscriptions: { team: { product: starter, key: { env: TEAM_KEY } } }
`;
    const trust = ", trustedProxies: [127.0.0.1]";
    before(async () => {
      [trusting, distrusting] = (await Promise.all(
        [trust, ""].map((edge) => startTestGateway({ definition: definition(edge), args: ["--workers", "1"], env })),
      )) as [TestGateway, TestGateway];
    });
    after(() => Promise.all([trusting.cleanUp(), distrusting.cleanUp()]));

    async function through(gateway: TestGateway, lines: string): Promise<readonly Finding[]> {
      const caddy = await startCaddy(`reverse_proxy 127.0.0.1:${gateway.port} {\n${lines}\n}`);
      try {
        const edge = gateway === trusting ? trust : "";
        return await doctor(definition(edge), { data: gateway.data, front: at(caddy.port) });
      } finally {
        await caddy.stop();
      }
    }

    it("finds nothing where nothing is wrong", async () => {
      const found = await through(trusting, "header_up -Forwarded");
      assert.deepEqual(failed(found), []);
      const passed = found.filter(({ state, group }) => state === "passed" && group === "through the front");
      assert.deepEqual(
        passed.map(({ code }) => code),
        ["doctor-reached", "doctor-authorization", "doctor-authorization", "doctor-client"],
      );
    });

    it("Authorization, or the key, is lost on the way", async () => {
      assert.deepEqual(failed(await through(trusting, "header_up -Authorization\nheader_up -Forwarded")), [
        "doctor-authorization-lost Authorization arrives",
      ]);
      assert.deepEqual(failed(await through(trusting, "header_up -Ocp-Apim-Subscription-Key")), [
        "doctor-authorization-lost Ocp-Apim-Subscription-Key arrives",
      ]);
    });

    it("the client's Host is lost on the way", async () => {
      assert.deepEqual(failed(await through(trusting, "header_up Host gateway.internal")), [
        `doctor-host-lost reaches the gateway at localhost`,
      ]);
    });

    it("the proxy's forwarded headers are not trusted, or can be spoofed", async () => {
      const distrusted = await through(distrusting, "");
      assert.deepEqual(failed(distrusted), ["doctor-not-trusted the client's address"]);
      assert.match(distrusted.find(({ code }) => code === "doctor-not-trusted")?.fix ?? "", /edge\.trustedProxies/);
      assert.deepEqual(
        failed(await through(trusting, "header_up X-Forwarded-For {http.request.header.X-Forwarded-For}")),
        ["doctor-spoofable the client's address"],
      );
    });

    it("nobody answers in front, or somebody else does", async () => {
      const nobody = await doctor(definition(trust), { data: trusting.data, front: at(9) });
      assert.deepEqual(failed(nobody), ["doctor-unreachable reaches the gateway at localhost"]);
      const caddy = await startCaddy("reverse_proxy 127.0.0.1:9");
      const other = await doctor(definition(trust), { data: trusting.data, front: at(caddy.port) });
      await caddy.stop();
      assert.deepEqual(failed(other), ["doctor-not-the-gateway reaches the gateway at localhost"]);
    });

    it("a key is older than it should become", async () => {
      await trusting.stop();
      const database = new DatabaseSync(join(trusting.data, "sallyport.db"));
      database.prepare("UPDATE key_uses SET made_at = ?").run(Date.now() - 100 * 86_400_000);
      database.close();
      trusting = await startTestGateway({
        definition: definition(trust),
        folder: trusting.folder,
        args: ["--workers", "1"],
        env,
      });
      const old = await doctor(definition(trust), { data: trusting.data });
      assert.deepEqual(failed(old), ["doctor-key-age primary key of team"]);
      assert.deepEqual(failed(await doctor(definition(trust), { data: trusting.data, keyDays: 101 })), []);
      const bySchedule = async (every: string, keyDays: number): Promise<readonly string[]> => {
        const text = definition(trust).replace("subscription: key }", `subscription: key, rotation: ${every} }`);
        writeFileSync(join(trusting.folder, "sallyport.yaml"), text);
        assert.equal((await askAdmin(trusting, "POST /reload")).status, 200);
        return failed(await doctor(text, { data: trusting.data, keyDays }));
      };
      assert.deepEqual(await bySchedule("120d", 90), [], "its schedule lets it become older, and has noticed it");
      assert.deepEqual(await bySchedule("95d", 3650), ["doctor-key-age primary key of team"]);
    });
  });

  describe("behind the gateway", () => {
    let gateway: TestGateway;
    let application: Server;
    let onTheWay: Server;
    let isTaken = true;
    let takesOut = false;
    before(async () => {
      application = createServer((request, response) => {
        const { authorization } = request.headers;
        if (request.url === "/echo") return void response.end(JSON.stringify(request.headers));
        if (authorization !== undefined && isTaken) return void response.end("orders");
        const error = authorization === undefined ? "" : ', error="invalid_token"';
        return void response.writeHead(401, { "www-authenticate": `Bearer realm="orders"${error}` }).end();
      });
      const port = await listening(application);
      onTheWay = createServer((request, response) => {
        const { authorization, ...headers } = request.headers;
        const kept = takesOut || authorization === undefined ? {} : { authorization };
        const forwarded = forward({ port, path: request.url, headers: { ...headers, ...kept } }, (answer) => {
          answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers));
        });
        forwarded.end();
      });
      gateway = await startTestGateway({ definition: definition(await listening(onTheWay)), args: ["--workers", "1"] });
    });
    after(async () => {
      await gateway.cleanUp();
      application.close();
      onTheWay.close();
    });

    const portOf = (server: Server): number => (server.address() as AddressInfo).port;

    function definition(backend: number): string {
      return `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders: { hosts: [localhost], path: /orders, backend: orders, access: [{ allow: 'principal.subject == "ann"' }] }
  stripped:
    hosts: [localhost]
    path: /stripped
    backend: orders
    access: [{ allow: 'principal.subject == "ann"' }]
    policies: { inbound: [base, { set-header: { name: Authorization, ifExists: delete } }] }
backends: { orders: { url: "http://127.0.0.1:${backend}" } }
checks:
  echo: { request: GET /orders/echo, token: { env: ANN_TOKEN }, expect: { status: 200, echoes: [Authorization] } }
  plain: { request: GET /orders/7, token: { env: ANN_TOKEN }, expect: { status: 200 } }
  policy: { request: GET /stripped/7, token: { env: ANN_TOKEN }, expect: { status: 200 } }
`;
    }

    async function behind(token: string): Promise<readonly string[]> {
      process.env["ANN_TOKEN"] = token;
      try {
        const found = await doctor(definition(portOf(onTheWay)), { data: gateway.data });
        assert.ok(token === "" || !JSON.stringify(found).includes(token), "the token is shown nowhere");
        return found
          .filter(({ group }) => group === "behind the gateway")
          .map(({ state, code, name }) => `${state} ${code} ${/check (\w+)/.exec(name)?.[1]}`);
      } finally {
        delete process.env["ANN_TOKEN"];
      }
    }

    it("the token is taken out by a policy: proven by asking without the gateway", async () => {
      assert.deepEqual(await behind(await issuer.token()), [
        "passed doctor-authorization-behind echo",
        "passed doctor-authorization-behind plain",
        "failed doctor-authorization-lost-behind policy",
      ]);
    });

    it("the token is taken out on the way to the application: proven by the echo, told by its 401", async () => {
      takesOut = true;
      assert.deepEqual(await behind(await issuer.token()), [
        "failed doctor-authorization-lost-behind echo",
        "warned doctor-authorization-lost-behind plain",
        "warned doctor-authorization-lost-behind policy",
      ]);
      takesOut = false;
    });

    it("the application does not take what arrives, or the gateway does not let it through", async () => {
      isTaken = false;
      const refused = await behind(await issuer.token());
      isTaken = true;
      assert.deepEqual(refused.slice(0, 2), [
        "passed doctor-authorization-behind echo",
        "failed doctor-authorization-not-taken plain",
      ]);
      const unknown = ["echo", "plain", "policy"].map((name) => `skipped doctor-behind-unknown ${name}`);
      assert.deepEqual(await behind(await issuer.token({ sub: "bob" })), unknown);
      assert.deepEqual(await behind(""), unknown);
    });
  });

  it("TLS is opened for another name than the Host: 421", needsCommand("caddy"), async (t) => {
    const other = selfSigned(folder, "other", "other.test");
    const definition = `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  trustedProxies: [127.0.0.1]
  certificates: [{ certificate: "${other.pem}", key: { file: "${other.key}" } }]
apis:
  orders: { hosts: [localhost], path: /orders, backend: orders, access: [{ allow: "principal.subject == 'ann'" }] }
  other: { hosts: [other.test], path: /, backend: orders, access: public }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
backends: { orders: { url: "http://127.0.0.1:9" } }
`;
    const gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    t.after(() => gateway.cleanUp());
    const hop = (name: string): string =>
      `reverse_proxy https://127.0.0.1:${gateway.port} {\ntransport http {\ntls_trusted_ca_certs ${join(gateway.data, "ca", "root.crt")} ${other.pem}\ntls_server_name ${name}\n}\n}`;
    // The front speaks TLS to clients as well: two hops, as the failure is known.
    const { key, pem } = selfSigned(folder, "front", "localhost");
    for (const [name, expected] of [
      ["other.test", ["doctor-double-tls reaches the gateway at localhost"]],
      ["localhost", []],
    ] as const) {
      const [port = 0] = await freePorts(1);
      const caddy = await startCaddy(hop(name), { port, cert: pem, key });
      const found = await doctor(definition, { data: gateway.data, ca: pem, front: at(port) });
      await caddy.stop();
      assert.deepEqual(failed(found), expected, name);
    }
  });

  it("a backend knows no other Host than its own, or has a certificate for another name", async (t) => {
    const { key, pem } = selfSigned(folder, "backend", "localhost", 30);
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(pem) }, (request, response) => {
      response.writeHead(request.headers.host?.startsWith("localhost") === true ? 200 : 421).end();
    });
    t.after(() => void server.close());
    const port = await listening(server as unknown as Server);
    const definition = (backend: string): string => `version: 1
apis: { orders: { hosts: [api.test], path: /, backend: orders, access: public } }
backends: { orders: { ${backend}, ca: ./backend.crt } }
`;
    const other = await doctor(definition(`url: "https://localhost:${port}", host: preserve`));
    assert.deepEqual(failed(other), [`doctor-host-sni Host for orders at https://localhost:${port}`]);
    assert.deepEqual(failed(await doctor(definition(`url: "https://localhost:${port}"`))), []);
    assert.deepEqual(failed(await doctor(definition(`url: "https://127.0.0.1:${port}"`))), [
      `doctor-sni TLS of orders at https://127.0.0.1:${port}`,
    ]);
  });

  it("the provider's keys cannot be had, or its clock is another", async (t) => {
    const stand = createServer((request, response) => {
      response.setHeader("date", new Date(Date.now() + skewMs).toUTCString());
      response.setHeader("content-type", "application/json");
      const discovery = { issuer: url, jwks_uri: `${url}/keys` };
      response.end(JSON.stringify(request.url === "/keys" ? { keys: [issuer.jwk] } : discovery));
    });
    t.after(() => void stand.close());
    let skewMs = 0;
    const url = `http://127.0.0.1:${await listening(stand)}`;
    const definition = (address: string): string => `version: 1
identity: { providers: { corp: { issuer: "${address}", audiences: ["api://test"] } } }
apis: { orders: { path: /, backend: orders, access: public } }
backends: { orders: { url: "http://127.0.0.1:9" } }
`;
    assert.deepEqual(failed(await doctor(definition(url))), []);
    skewMs = 200_000;
    const ahead = await doctor(definition(url));
    assert.deepEqual(failed(ahead), ["doctor-clock clock beside corp's"]);
    assert.match(ahead.find(({ code }) => code === "doctor-clock")?.detail ?? "", /behind it.*not to be valid yet/);
    skewMs = -15_000;
    assert.deepEqual(withState(await doctor(definition(url)), "warned"), ["doctor-clock"]);
    const gone = await doctor(definition("http://127.0.0.1:9"));
    assert.deepEqual(failed(gone), ["doctor-keys-unreachable keys of corp"]);
    assert.match(gone.find(({ code }) => code === "doctor-keys-unreachable")?.fix ?? "", /firewall/);
    skewMs = 0;
    assert.deepEqual(failed(await doctor(definition(`${url}/`))), ["doctor-keys-unreachable keys of corp"]);
  });

  it("the managed identity is not what the definition says", async (t) => {
    // Stands in for Azure's endpoint, which answers only there.
    const endpoint = createServer((request, response) => {
      const isKnown = !request.url!.includes("client_id=unknown");
      const answer = isKnown
        ? {
            access_token: "t".repeat(40),
            expires_in: "3600",
            expires_on: String(Math.floor(Date.now() / 1000) + 3600),
            resource: "r",
            token_type: "Bearer",
          }
        : { error: "identity_not_found", error_description: "no such identity" };
      response.writeHead(isKnown ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    t.after(() => void endpoint.close());
    const platform = {
      IDENTITY_ENDPOINT: `http://127.0.0.1:${await listening(endpoint)}/msi/token`,
      IDENTITY_HEADER: "s3cret",
    };
    const definition = (more: string): string => `version: 1
apis:
  orders:
    path: /
    backend: orders
    access: public
    policies: { inbound: [base, { authentication-managed-identity: { resource: "https://storage.azure.com/"${more} } }] }
backends: { orders: { url: "https://account.blob.core.windows.net" } }
`;
    const identity = (findings: readonly Finding[]): readonly string[] =>
      findings.filter(({ group }) => group === "managed identity").map(({ state }) => state);
    assert.deepEqual(identity(await asCommand(definition(""), platform)), ["passed"]);
    const wrong = await asCommand(definition(", clientId: unknown"), platform);
    assert.deepEqual(identity(wrong), ["failed"]);
    const { detail, fix } = wrong.find(({ code }) => code === "doctor-identity")!;
    assert.match(fix ?? "", /unknown/);
    assert.doesNotMatch(detail, /s3cret/);
    const nowhere = await asCommand(definition(""), {
      IDENTITY_ENDPOINT: "http://127.0.0.1:9/msi",
      IDENTITY_HEADER: "s3cret",
    });
    assert.deepEqual(identity(nowhere), ["failed"]);
  });

  it("a certificate ends soon, or has ended, and nobody renews it", async () => {
    selfSigned(folder, "partner", "partner.test", 20);
    const file = join(folder, "certificates.yaml");
    const definition = `version: 1
certificates: { partner: { certificate: ./partner.crt, key: { file: ./partner.key } } }
apis: { orders: { path: /, backend: orders, access: public } }
backends: { orders: { url: "http://127.0.0.1:9" } }
`;
    writeFileSync(file, definition);
    const loaded = await loadDefinition({ file, variables: env, readFile });
    assert.ok(loaded.definition !== null, JSON.stringify(loaded.diagnostics));
    const day = 86_400_000;
    const states = [0, 10, 21].map((days) => certificateFindings(loaded.definition!, null, Date.now() + days * day));
    assert.deepEqual(
      states.map(([found]) => [found?.state, found?.code]),
      [
        ["passed", "doctor-certificate"],
        ["warned", "doctor-expiring"],
        ["failed", "doctor-certificate"],
      ],
    );
  });
});
