import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { plainFiles } from "#edge/secret-files.ts";
import { createInternalCa } from "#edge/internal-ca.ts";
import { takeKekSource } from "#app/seal/kek-source.ts";
import { sealStatus } from "#app/seal/maintain.ts";
import { openSecrets, type Secrets } from "#app/seal/open-secrets.ts";
import { sealedUnder } from "#app/seal/sealer.ts";
import { sealedBytes } from "#lib/sealed-text.ts";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { unsealed } from "#test/support/secrets.ts";
import { closeSite, openSite, rowWhen, type Site, start, visitUntil } from "#test/edge/https-site.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { exchangeRaw } from "./raw-client.ts";
import { filesIn, findSecrets, processesOf } from "./secret-search.ts";
import { startIssuer, type TokenIssuer } from "./token-issuer.ts";

const secretOf = (what: string): string => `${what}-${randomBytes(18).toString("hex")}`;

const secrets = {
  kek: randomBytes(32).toString("base64"),
  connection: secretOf("connection"),
  backendPassword: secretOf("backend"),
  backendKey: secretOf("functions"),
  namedValue: secretOf("named"),
  proxyPassword: secretOf("proxy"),
  acmeKey: randomBytes(32).toString("base64url"),
  loginSecret: secretOf("login"),
  subscriptionKey: secretOf("sp"),
  urlPassword: secretOf("url"),
  cookie: secretOf("cookie"),
  queryKey: secretOf("query"),
  exchangedToken: secretOf("exchanged"),
} as const;

const clientKey = String(
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }),
);

const env = {
  THE_KEK: secrets.kek,
  CONNECTION: secrets.connection,
  BACKEND_PASSWORD: secrets.backendPassword,
  BACKEND_KEY: secrets.backendKey,
  NAMED: secrets.namedValue,
  ACME_KEY: secrets.acmeKey,
  LOGIN: secrets.loginSecret,
  KEY: secrets.subscriptionKey,
  CLIENT_KEY: clientKey,
};

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const quiet = { info() {}, warn() {}, error() {} };

/**
 * Whatever a gateway is given or makes to prove itself is in nothing that it writes, prints, answers or starts: after
 * requests that work and that fail in every part, commands, calls of the admin API, a rotation and a backup.
 */
describe("secrets of the gateway", () => {
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let folder: string;
  let ownKey: string;
  const tokens: Record<string, string> = {};
  const places = new Map<string, string>();
  let opened: Secrets;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-secrets-"));
    upstream = await startUpstream((incoming, response) => {
      if (incoming.url === "/token") {
        return response.writeHead(401, { "content-type": "application/json" }).end('{"error":"invalid_client"}');
      }
      if (incoming.url === "/exchange") {
        return response.end(JSON.stringify({ access_token: secrets.exchangedToken, expires_in: 600 }));
      }
      return response.writeHead(incoming.url?.includes("bad") === true ? 500 : 200).end("upstream");
    });
    issuer = await startIssuer("api://admin");
    tokens["viewer"] = await issuer.token({ groups: ["staff"] });
    tokens["stranger"] = await issuer.token();
    tokens["expired"] = await issuer.token({ exp: 1 });
    const clock = { now: () => Date.now(), mono: () => performance.now() };
    const options = { directory: join(folder, "own-ca"), clock, random, log: quiet, secrets: plainFiles(random) };
    const own = await (await createInternalCa(options)).issue(["client.test"]);
    ownKey = own.key;
    mkdirSync(join(folder, "gateway"));
    gateway = await startTestGateway({
      folder: join(folder, "gateway"),
      args: ["--workers", "2", "--env", "prod"],
      files: { "own.pem": own.chain, "own.key": own.key, "proxy.txt": secrets.proxyPassword },
      env: { SALLYPORT_KEK: "env:THE_KEK", ...env },
      definition: definition(),
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await issuer.close();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const definition = (): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://admin"], clientId: gateway, clientSecret: { env: LOGIN } } } }
admin: { listen: "127.0.0.1:0", provider: corp, audience: "api://admin", roles: { viewer: { group: staff } } }
certificates: { own: { certificate: own.pem, key: { file: own.key } } }
connections:
  partner:
    stock: { tokenUrl: "${upstream.url}/token", clientId: gateway, clientSecret: { env: CONNECTION } }
    caller: { tokenUrl: "${upstream.url}/exchange", clientId: gateway, clientKey: { env: CLIENT_KEY }, grant: token-exchange }
apis:
  keyed: { path: /keyed, backend: keyed }
  token: { path: /token, backend: plain, access: [ { allow: principal.kind == "user" } ] }
  connected: { path: /connected, backend: connected, access: public }
  exchanged: { path: /exchanged, backend: exchanged, access: public }
  basic: { path: /basic, backend: plain, access: public, policies: { inbound: [ base, { authentication-basic: { username: gateway, password: "{{named}}" } } ] } }
  compared: { path: /compared, backend: plain, access: public, policies: { inbound: [ base, { check-header: { name: X-Password, values: ["{{named}}"] } } ] } }
  proxied: { path: /proxied, backend: plain, access: public, policies: { inbound: [ base, { proxy: { url: "http://127.0.0.1:1", username: gateway, password: "{{proxy-password}}" } } ] } }
  shown: { path: /shown, backend: shown, access: public }
  failing: { path: /failing, backend: plain, access: public, policies: { inbound: [ base, { set-variable: { name: secret, value: "{{named}}" } }, { set-variable: { name: x, value: "\${int(variables.secret)}" } } ] } }
  ca: { path: /acme, access: public, acmeServer: { externalAccounts: { orders: { key: { env: ACME_KEY }, allow: orders.test } } } }
backends:
  plain: { url: "${upstream.url}", identity: [headers, assertion] }
  keyed: { url: "${upstream.url}", headers: { x-functions-key: { env: BACKEND_KEY } }, authorization: { username: gateway, password: { env: BACKEND_PASSWORD } } }
  connected: { url: "${upstream.url}", authorization: { connection: partner/stock } }
  exchanged: { url: "${upstream.url}", identity: assertion, authorization: { connection: partner/caller } }
  shown: { url: "https://127.0.0.1:1", tls: { clientCertificate: own } }
products: { basic: { apis: [keyed], subscription: key } }
subscriptions: { one: { product: basic, key: { env: KEY } } }
environments: { prod: { values: { named: { env: NAMED }, proxy-password: { file: proxy.txt } } } }
`;

  function keep(place: string, text: string): void {
    places.set(`${place} (${places.size})`, text);
  }

  async function requests(): Promise<void> {
    const cookie = `s=${secrets.cookie}`;
    const key = { cookie, "ocp-apim-subscription-key": secrets.subscriptionKey };
    const paths = [
      "keyed",
      "token",
      "connected",
      "exchanged",
      "basic",
      "compared",
      "proxied",
      "shown",
      "failing",
      "acme/directory",
    ];
    const bearers = Object.values(tokens).map((token) => ({ cookie, authorization: `Bearer ${token}` }));
    for (const path of paths) {
      for (const headers of [path === "keyed" ? key : { cookie }, key, ...bearers]) {
        for (const end of ["/x", `/bad?code=${secrets.queryKey}&access_token=${tokens["expired"]}`]) {
          const answer = await call(gateway, `/${path}${end}`, { headers: { ...headers, "x-password": "no" } });
          keep(`answer of /${path}`, `${answer.rawHeaders.join("\n")}\n${answer.text}`);
        }
      }
    }
    const targets = [
      "/free",
      "http://localhost/keyed/x",
      `http://ann:${secrets.urlPassword}@localhost/keyed/x`,
      "/\u0001",
    ];
    for (const target of targets) {
      const authorization = `Authorization: Basic ${Buffer.from(`ann:${secrets.urlPassword}`).toString("base64")}`;
      const text = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nCookie: s=${secrets.cookie}\r\n${authorization}\r\nConnection: close\r\n\r\n`;
      keep("raw answer", await exchangeRaw(gateway, text, 1000));
    }
  }

  async function adminCalls(): Promise<void> {
    const paths = Object.keys((await askAdmin(gateway, "GET /openapi.json")).json()["paths"] as object);
    for (const path of paths.filter((one) => !one.includes("{"))) {
      keep(`admin ${path}`, (await askAdmin(gateway, `GET ${path}`)).text);
    }
    assert.ok(paths.includes("/metrics") && paths.includes("/config"));
    for (const name of [
      "apis/keyed",
      "backends/keyed",
      "connections/partner",
      "named-values/named",
      "certificates/own",
    ]) {
      keep(`admin ${name}`, (await askAdmin(gateway, `GET /definition/${name}`)).text);
    }
    const broken = { headers: { "content-type": "application/yaml" }, body: definition().replace("LOGIN }", "}") };
    keep("admin, a broken definition", (await askAdmin(gateway, "POST /config/validate", broken)).text);
    const port = Number(/"the admin API listens".*"port":(\d+)/.exec(gateway.output())?.[1]);
    for (const token of Object.values(tokens)) keep("admin over TCP", await remote(port, token));
  }

  function remote(port: number, token: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { port, path: "/status", ca: gateway.ca, servername: "localhost", agent: false };
      const outgoing = request({ ...options, headers: { authorization: `Bearer ${token}` } }, (response) => {
        let text = JSON.stringify(response.headers);
        response.on("data", (chunk: Buffer) => (text += chunk.toString())).on("end", () => resolve(text));
      });
      outgoing.on("error", reject).end();
    });
  }

  async function commands(): Promise<void> {
    const at = ["--data", gateway.data];
    const file = ["--config", join(gateway.folder, "sallyport.yaml"), "--env", "prod"];
    await run(
      [
        ["status", ...at],
        ["get", "backends", "keyed", ...at],
        ["config", "history", ...at],
        ["certificates", ...at],
        ["upstreams", ...at],
        ["subscriptions", "list", ...at],
        ["audit", "tail", "--last", "100", "--json", ...at],
        ["audit", "verify", ...at],
        ["ca", "list", ...at],
        ["ca", "issue", "--dns", "x.test", "--out", join(folder, `issued-${places.size}`), ...at],
        ["seal", "status", ...at],
        ["reload", ...at],
        ["backup", join(folder, `backup-${places.size}.tar.gz`), ...at],
        ["check", "--json", ...file],
        ["run", ...file, ...at],
        ["seal", "rotate", ...at],
      ],
      { SALLYPORT_KEK: "env:THE_KEK" },
    );
    // The key itself where its place should stand.
    await run(
      [
        ["run", ...file, ...at],
        ["seal", "status", "--kek", secrets.kek, ...at],
        ["ca", "issue", secrets.kek],
      ],
      { SALLYPORT_KEK: secrets.kek },
    );
  }

  async function run(lines: readonly (readonly string[])[], by: Readonly<Record<string, string>>): Promise<void> {
    for (const line of lines) {
      const { stdout, stderr } = await runCli(line, { ...env, ...by });
      keep(`sallyport ${line.slice(0, 2).join(" ")}`, stdout + stderr);
    }
  }

  it("are used", async () => {
    await requests();
    await adminCalls();
    for (const [name, text] of processesOf(gateway.process.pid ?? 0)) places.set(name, text);
    await commands();
    assert.equal(await gateway.stop(), 0);
    const sent = upstream.seen.map(({ rawHeaders }) => rawHeaders.join(" ")).join("\n");
    const basic = Buffer.from(`gateway:${secrets.namedValue}`).toString("base64");
    for (const used of [basic, secrets.backendKey, secrets.exchangedToken, "X-Sallyport-Assertion"])
      assert.ok(sent.includes(used));
    assert.ok(upstream.seen.some(({ url }) => url === "/token"));
  });

  it("are nowhere where anybody looks", async () => {
    keep("output", gateway.output());
    for (const [name, text] of filesIn(gateway.data, "data")) places.set(name, text);
    for (const [name, text] of filesIn(folder, "made")) if (name.endsWith(".gz")) places.set(name, text);
    const kek = takeKekSource("env:K", { K: secrets.kek });
    opened = await openSecrets(gateway.data, {
      kek,
      mayMake: false,
      clock: { now: () => Date.now() },
      random,
      log: quiet,
    });
    const made: Record<string, Uint8Array> = { pepper: opened.pepper, kekBytes: Buffer.from(secrets.kek, "base64") };
    for (const name of ["root", "intermediate"]) {
      made[name] = scalarOf((await opened.files.read(join(gateway.data, "ca", `${name}.key`))) ?? "");
    }
    const assertions = await opened.files.read(join(gateway.data, "assertion-keys.json"));
    const [assertion] = (JSON.parse(assertions ?? "") as { keys: { pkcs8: string }[] }).keys;
    made["assertion"] = Buffer.from(assertion?.pkcs8 ?? assert.fail("there is no such key"), "base64");
    const assertionKeys = (await opened.files.read(join(gateway.data, "assertion-keys.json"))) ?? "{}";
    for (const { id, pkcs8 } of (JSON.parse(assertionKeys) as { keys: { id: string; pkcs8: string }[] }).keys) {
      const key = createPrivateKey({ key: Buffer.from(pkcs8, "base64"), format: "der", type: "pkcs8" });
      made[`assertion key ${id}`] = scalarOf(String(key.export({ type: "pkcs8", format: "pem" })));
    }
    const signatures = Object.entries(tokens).map(([name, token]) => [
      `signature of ${name}`,
      token.split(".")[2] ?? "",
    ]);
    const all = {
      ...secrets,
      ...made,
      ownKey: scalarOf(ownKey),
      clientKey: scalarOf(clientKey),
      ...Object.fromEntries(signatures),
    };
    const names = [...places.keys()];
    for (const part of ["data/audit/", "data/sallyport.db", "data/ca/root.key", ".gz", "metrics", "command line"]) {
      assert.ok(
        names.some((name) => name.includes(part)),
        part,
      );
    }
    assert.deepEqual(findSecrets(places, all), []);
  });

  it("are all sealed under the folder's newest key after a rotation", async () => {
    const kek = takeKekSource("env:K", { K: secrets.kek });
    await openSecrets(gateway.data, {
      kek,
      mayMake: false,
      fresh: true,
      clock: { now: () => Date.now() },
      random,
      log: quiet,
    });
    const { keys } = await sealStatus(gateway.data, kek, random);
    const sealed = [...filesIn(gateway.data, "")].flatMap(([file, text]) => {
      const bytes = sealedBytes(text);
      return bytes === null ? [] : [[file, sealedUnder(bytes)] as const];
    });
    assert.ok(sealed.some(([file]) => file.endsWith("assertion-keys.json")));
    for (const [file, key] of sealed) assert.equal(key, keys[0]?.id, `${file} is unknown to the rotation`);
  });

  it("would be found", () => {
    const planted = (text: string): number => findSecrets(new Map([["x", text]]), { a: secrets.namedValue }).length;
    const basic = Buffer.from(`gateway:${secrets.namedValue}`).toString("base64");
    const wide = Buffer.from(`ab:${secrets.namedValue} and more`).toString("base64url");
    for (const text of [secrets.namedValue, basic, wide, Buffer.from(secrets.namedValue).toString("hex")]) {
      assert.ok(planted(`before ${text} after`) > 0, text);
    }
    assert.equal(planted("nothing"), 0);
  });
});

describe("secrets of a gateway that has certificates of a public authority", needsCommand("pebble"), () => {
  const hmacKey = randomBytes(32).toString("base64url");
  const inherited = secretOf("inherited");
  let site: Site;
  let gateway: TestGateway;
  before(async () => {
    process.env["SALLYPORT_SECRET_OF_A_TEST"] = inherited;
    site = await openSite({ accounts: { one: hmacKey } });
    const issuers = `[{ directory: "${site.pebble.directory}", ca: pebble.crt, eab: { keyId: one, hmacKey: { file: hmac } } }]`;
    const hook = join(site.folder, "hook.sh");
    const acme = [`dns: { command: [sh, "${hook}"], resolvers: ["${site.pebble.dns}"] }`];
    // What the program sees of us, and what others see of it.
    const script = `#!/bin/sh
cat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/cmdline >> "${site.folder}/seen"
case $1 in present) call=set-txt;; *) call=clear-txt;; esac
exec curl -sSf -d "{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}" "${site.pebble.management}/$call"
`;
    const files = { hmac: hmacKey, "hook.sh": script };
    gateway = await start(site, { hosts: ["*.secret.sally.org"], acme, issuers, files });
  });
  after(async () => {
    delete process.env["SALLYPORT_SECRET_OF_A_TEST"];
    await gateway?.cleanUp();
    await closeSite(site);
  });

  it("are not seen by the program that it calls, and lie nowhere in the clear", async () => {
    await visitUntil(gateway, "a.secret.sally.org", await site.pebble.issuingRoot());
    await rowWhen(gateway, ({ names, state }) => names[0] === "*.secret.sally.org" && state === "valid");
    assert.equal(await gateway.stop(), 0);
    const open = async (file: string): Promise<string> =>
      unsealed(gateway.data, join(gateway.data, "certificates", file));
    const [account = ""] = readdirSync(join(gateway.data, "certificates", "accounts"));
    const { keyPem } = JSON.parse(await open(join("accounts", account))) as { keyPem: string };
    const bundle = await open(join("names", "_wildcard.secret.sally.org", "certificate.pem"));
    const keys = { account: scalarOf(keyPem), certificate: scalarOf(bundle), hmacKey, inherited };
    const seen = readFileSync(join(site.folder, "seen"), "latin1");
    assert.match(seen, /hook\.sh/);
    const places = new Map([...filesIn(gateway.data, "data"), ["output", gateway.output()], ["program", seen]]);
    assert.deepEqual(findSecrets(places, keys), []);
  });
});

/** The number that an EC key is. */
function scalarOf(pem: string): Uint8Array {
  return Buffer.from(String(createPrivateKey(pem).export({ format: "jwk" }).d), "base64url");
}
