import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exportJWK, FlattenedSign, generateKeyPair, type JWK } from "jose";
import { makeRequest } from "#edge/acme/csr.ts";
import { makeKey } from "#edge/acme/keys.ts";
import { eventually, makeCa, quietLog, systemClock } from "#edge/harness.test.ts";
import type { InternalCa } from "#edge/internal-ca.ts";
import { CRLDistributionPointsExtension, X509Certificate as ParsedCertificate } from "#edge/x509.ts";
import { needsCommand } from "#test/support/require.ts";
import type { AcmeResponse } from "./acme-types.ts";
import { createNameRules } from "./names.ts";
import { Nonces } from "./nonces.ts";
import type { ExternalAccount } from "./server-options.ts";
import { type AcmeServer, createAcmeServer } from "./server.ts";
import { ServerStore } from "./server-store.ts";
import { createValidator } from "./validate.ts";

type Key = Awaited<ReturnType<typeof generateKeyPair>>;
type Json = Record<string, unknown>;

const base = "https://ca.test/acme";
const random = { bytes: (count: number) => randomBytes(count) };
const text = new TextEncoder();

/** Signs as a client does; what is wrong with it is up to the test. */
class Client {
  readonly server: AcmeServer;
  readonly key: Key;
  account = "";
  /** Of the certificate that it got last, PEM. */
  issuer = "";

  constructor(server: AcmeServer, key: Key) {
    this.server = server;
    this.key = key;
  }

  static async of(server: AcmeServer): Promise<Client> {
    return new Client(server, await generateKeyPair("ES256", { extractable: true }));
  }

  async nonce(): Promise<string> {
    const { headers } = await this.server.handle({
      method: "HEAD",
      base,
      path: "/new-nonce",
      contentType: "",
      body: text.encode(""),
    });
    return headers[headers.indexOf("Replay-Nonce") + 1] as string;
  }

  async jwk(): Promise<JWK> {
    return exportJWK(this.key.publicKey);
  }

  async body(path: string, payload: object | null, header: Json = {}): Promise<string> {
    const who = this.account === "" ? { jwk: await this.jwk() } : { kid: this.account };
    const bytes = text.encode(payload === null ? "" : JSON.stringify(payload));
    const signing = new FlattenedSign(bytes).setProtectedHeader({
      alg: "ES256",
      nonce: await this.nonce(),
      url: `${base}${path}`,
      ...who,
      ...header,
    });
    return JSON.stringify(await signing.sign(this.key.privateKey));
  }

  send(path: string, body: string, contentType = "application/jose+json"): Promise<AcmeResponse> {
    return this.server.handle({ method: "POST", base, path, contentType, body: text.encode(body) });
  }

  async post(path: string, payload: object | null, header: Json = {}): Promise<AcmeResponse> {
    return this.send(path, await this.body(path, payload, header));
  }

  async register(more: Json = {}): Promise<AcmeResponse> {
    const response = await this.post("/new-account", { termsOfServiceAgreed: true, ...more });
    if (response.status < 300) this.account = response.headers[response.headers.indexOf("Location") + 1] as string;
    return response;
  }
}

const textIn = ({ body }: AcmeResponse): string => (typeof body === "string" ? body : assert.fail("bytes"));
const parsed = (response: AcmeResponse): Json => JSON.parse(textIn(response)) as Json;
const errorOf = (response: AcmeResponse): string => String(parsed(response)["type"]).replace(/.*:/, "");
const pathOf = (url: unknown): string => String(url).slice(base.length);

describe("ACME server", () => {
  let folder: string;
  let ca: InternalCa;
  let remove: () => Promise<void>;
  let count = 0;
  let clearPort: number | null = null;

  const open = async (
    externalAccounts: ExternalAccount[] = [],
    directory = join(folder, `server-${(count += 1)}`),
    hosts: readonly string[] = ["ca.test"],
  ): Promise<AcmeServer> =>
    createAcmeServer(
      {
        settings: { allow: ["*.test", "127.0.0.1"], lifetimeMs: 3_600_000, hosts, externalAccounts },
        issuer: ca,
        validate: async () => {},
        clearPort: () => clearPort,
        clock: systemClock,
        random,
        log: quietLog,
      },
      await ServerStore.open(directory, random, quietLog),
    );

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-acme-unit-"));
    ({ ca, remove } = await makeCa());
  });
  after(async () => {
    await remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test("issues what was ordered, to whom ordered it, and goes on after a restart", async () => {
    const directory = join(folder, "kept");
    const client = await Client.of(await open([], directory));
    assert.equal((await client.register()).status, 201);
    const same = new Client(client.server, client.key);
    assert.equal((await same.register()).status, 200, "the same key is the same account");
    const identifiers = [{ type: "dns", value: "a.test" }];
    const order = await client.post("/new-order", { identifiers });
    assert.equal(order.status, 201);
    const { authorizations, finalize } = parsed(order) as { authorizations: string[]; finalize: string };
    const csr = await makeRequest(await makeKey("p256"), [{ type: "dns", value: "a.test" }]);
    assert.equal(errorOf(await client.post(pathOf(finalize), { csr })), "orderNotReady");
    const shown = parsed(await client.post(pathOf(authorizations[0]), null)) as { challenges: { url: string }[] };
    await client.post(pathOf(shown.challenges[0]?.url), {});
    const kept = readdirSync(join(directory, "orders")).find((name) => name.endsWith(".json")) ?? "";
    const isKept = (): boolean => readFileSync(join(directory, "orders", kept), "utf8").includes('"status":"valid"');
    await eventually(isKept, "the validation is on disk");

    const again = new Client(await open([], directory), client.key);
    again.account = client.account;
    const other = await makeRequest(await makeKey("p256"), [{ type: "dns", value: "b.test" }]);
    assert.equal(errorOf(await again.post(pathOf(finalize), { csr: other })), "badCSR");
    const done = parsed(await again.post(pathOf(finalize), { csr })) as { status: string; certificate: string };
    assert.equal(done.status, "valid");
    const chain = await again.post(pathOf(done.certificate), null);
    assert.equal(textIn(chain).match(/BEGIN CERTIFICATE/g)?.length, 2);
    for (const kind of ["accounts", "orders"]) {
      for (const name of readdirSync(join(directory, kind))) {
        assert.equal(statSync(join(directory, kind, name)).mode & 0o777, 0o600);
      }
    }

    const stranger = await Client.of(again.server);
    await stranger.register();
    assert.equal((await stranger.post(pathOf(done.certificate), null)).status, 404);
    assert.equal((await stranger.post(pathOf(authorizations[0]), null)).status, 404);
    const certificate = new X509Certificate(textIn(chain)).raw.toString("base64url");
    assert.equal(errorOf(await stranger.post("/revoke-cert", { certificate })), "unauthorized");
    assert.equal((await again.post("/revoke-cert", { certificate })).status, 200);
    assert.equal(errorOf(await again.post("/revoke-cert", { certificate })), "alreadyRevoked");
  });

  test("believes no request that is replayed, changed, meant for elsewhere, or signed weakly", async () => {
    const client = await Client.of(await open());
    await client.register();
    const body = await client.body("/new-order", { identifiers: [{ type: "dns", value: "a.test" }] });
    assert.equal((await client.send("/new-order", body)).status, 201);
    assert.equal(errorOf(await client.send("/new-order", body)), "badNonce");
    const fresh = (): Promise<string> => client.body("/new-order", { identifiers: [{ type: "dns", value: "a.test" }] });
    const changed = {
      ...(JSON.parse(await fresh()) as Json),
      payload: Buffer.from('{"identifiers":[]}').toString("base64url"),
    };
    assert.equal(errorOf(await client.send("/new-order", JSON.stringify(changed))), "unauthorized");
    assert.equal(errorOf(await client.post("/new-order", {}, { url: `${base}/other` })), "unauthorized");
    assert.equal(errorOf(await client.post("/new-order", {}, { jwk: await client.jwk() })), "malformed", "jwk and kid");
    assert.equal(errorOf(await client.post("/new-order", {}, { kid: `${base}/account/none` })), "accountDoesNotExist");
    assert.equal(errorOf(await client.post("/new-order", {}, { b64: true })), "malformed", "a member nobody knows");
    const none = {
      ...(JSON.parse(await fresh()) as Json),
      protected: Buffer.from('{"alg":"none"}').toString("base64url"),
    };
    assert.equal(errorOf(await client.send("/new-order", JSON.stringify(none))), "badSignatureAlgorithm");
    const padded = { ...(JSON.parse(await fresh()) as Json) };
    padded["signature"] = `${String(padded["signature"])} `;
    assert.equal(errorOf(await client.send("/new-order", JSON.stringify(padded))), "malformed");
    assert.equal((await client.send("/new-order", await fresh(), "application/json")).status, 415);
    for (const junk of ["", "null", "[]", '{"payload":""}', "{"]) {
      assert.equal(errorOf(await client.send("/new-order", junk)), "malformed", junk);
    }
  });

  test("orders hold names that are allowed, and nothing else", async () => {
    const client = await Client.of(await open());
    await client.register();
    const order = async (type: unknown, value: unknown): Promise<string> =>
      errorOf(await client.post("/new-order", { identifiers: [{ type, value }] }));
    assert.equal(await order("dns", "a.other"), "rejectedIdentifier");
    assert.equal(await order("dns", "*.test"), "rejectedIdentifier");
    assert.equal(await order("dns", "a.b.test"), "rejectedIdentifier");
    assert.equal(await order("dns", "127.0.0.1"), "malformed");
    assert.equal(await order("ip", "127.0.0.2"), "rejectedIdentifier");
    assert.equal(await order("email", "a@b.test"), "unsupportedIdentifier");
    assert.equal(errorOf(await client.post("/new-order", { identifiers: [] })), "malformed");
    const rules = createNameRules(["**.deep.test", "10.0.0.0/8", "fd00::/8"]);
    assert.ok(rules.allows({ type: "dns", value: "a.b.deep.test" }) && rules.allows({ type: "ip", value: "fd00::1" }));
    assert.ok(
      !rules.allows({ type: "dns", value: "deep.test" }) && !rules.allows({ type: "dns", value: "adeep.test" }),
    );
  });

  test("where there are external accounts, nobody has an account without one", async () => {
    const key = randomBytes(32);
    const server = await open([{ name: "orders", key, allow: ["orders.test"], spiffeId: "spiffe://t/orders" }]);
    const client = await Client.of(server);
    assert.equal(errorOf(await client.register()), "externalAccountRequired");
    const bind = async (secret: Uint8Array, about: JWK): Promise<object> =>
      new FlattenedSign(text.encode(JSON.stringify(about)))
        .setProtectedHeader({ alg: "HS256", kid: "orders", url: `${base}/new-account` })
        .sign(secret);
    const [own, other] = [await client.jwk(), await (await Client.of(server)).jwk()];
    assert.equal(
      errorOf(await client.register({ externalAccountBinding: await bind(randomBytes(32), own) })),
      "unauthorized",
    );
    assert.equal(errorOf(await client.register({ externalAccountBinding: await bind(key, other) })), "malformed");
    assert.equal((await client.register({ externalAccountBinding: await bind(key, own) })).status, 201);
    const order = (value: string): Promise<AcmeResponse> =>
      client.post("/new-order", { identifiers: [{ type: "dns", value }] });
    assert.equal((await order("orders.test")).status, 201);
    assert.equal(errorOf(await order("a.test")), "rejectedIdentifier");
  });

  /** An order from its beginning to its certificate. */
  const issue = async (client: Client, value: string): Promise<X509Certificate> => {
    const order = await client.post("/new-order", { identifiers: [{ type: "dns", value }] });
    const { authorizations, finalize } = parsed(order) as { authorizations: string[]; finalize: string };
    const shown = parsed(await client.post(pathOf(authorizations[0]), null)) as { challenges: { url: string }[] };
    await client.post(pathOf(shown.challenges[0]?.url), {});
    const url = pathOf(order.headers[order.headers.indexOf("Location") + 1]);
    while (parsed(await client.post(url, null))["status"] === "pending") await sleep(5);
    const csr = await makeRequest(await makeKey("p256"), [{ type: "dns", value }]);
    const { certificate } = parsed(await client.post(pathOf(finalize), { csr }));
    const chain = textIn(await client.post(pathOf(certificate), null));
    client.issuer = chain.slice(chain.lastIndexOf("-----BEGIN"));
    return new X509Certificate(chain);
  };
  const registered = async (server: AcmeServer): Promise<Client> => {
    const client = await Client.of(server);
    await client.register();
    return client;
  };
  const get = (server: AcmeServer, path: string): Promise<AcmeResponse> =>
    server.handle({ method: "GET", base, path, contentType: "", body: text.encode("") });
  /** URL of its distribution point. */
  const listsOf = (certificate: X509Certificate): readonly string[] =>
    [...(new ParsedCertificate(certificate.raw).getExtension(CRLDistributionPointsExtension)?.distributionPoints ?? [])]
      .flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? [])
      .flatMap(({ uniformResourceIdentifier }) => uniformResourceIdentifier ?? []);
  const listOf = (certificate: X509Certificate): string | undefined => listsOf(certificate)[0];
  const locationOf = ({ headers }: AcmeResponse): string => headers[headers.indexOf("Location") + 1] ?? "";

  describe("another key for an account", () => {
    let client: Client;
    let next: Key;
    beforeEach(async () => {
      client = await Client.of(await open());
      await client.register();
      next = await generateKeyPair("ES256", { extractable: true });
    });

    const change = async (key: Key, more: { payload?: Json; header?: Json; signer?: Key } = {}): Promise<Json> => {
      const payload = { account: client.account, oldKey: await client.jwk(), ...more.payload };
      const header = { alg: "ES256", jwk: await exportJWK(key.publicKey), url: `${base}/key-change`, ...more.header };
      const signing = new FlattenedSign(text.encode(JSON.stringify(payload))).setProtectedHeader(header);
      return { ...(await signing.sign((more.signer ?? key).privateKey)) };
    };

    test("takes the old one's place, and has its orders", async () => {
      const certificate = await issue(client, "a.test");
      const changed = await client.post("/key-change", await change(next));
      assert.deepEqual([changed.status, locationOf(changed)], [200, client.account]);
      assert.equal(errorOf(await client.post(pathOf(client.account), null)), "unauthorized");
      const same = new Client(client.server, next);
      assert.equal((await same.register({ onlyReturnExisting: true })).status, 200);
      assert.equal(same.account, client.account);
      const revoked = await same.post("/revoke-cert", { certificate: certificate.raw.toString("base64url") });
      assert.equal(revoked.status, 200);
      const old = new Client(client.server, client.key);
      assert.equal(errorOf(await old.register({ onlyReturnExisting: true })), "accountDoesNotExist");
    });

    test("must be nobody's: of an account that has it the client is told", async () => {
      const other = await Client.of(client.server);
      await other.register();
      const refused = await client.post("/key-change", await change(other.key));
      assert.deepEqual([refused.status, locationOf(refused)], [409, other.account]);
      assert.equal((await client.post("/key-change", await change(client.key))).status, 409);
      assert.equal((await client.post(pathOf(client.account), null)).status, 200);
    });

    test("needs both signatures, for this account and this URL", async () => {
      const stranger = await Client.of(client.server);
      await stranger.register();
      const url = `${base}/other`;
      for (const [what, inner, error] of [
        ["not signed by the new key", await change(next, { signer: stranger.key }), "unauthorized"],
        ["another account", await change(next, { payload: { account: stranger.account } }), "malformed"],
        ["another old key", await change(next, { payload: { oldKey: await stranger.jwk() } }), "malformed"],
        ["no old key", await change(next, { payload: { oldKey: "x" } }), "malformed"],
        ["another URL", await change(next, { header: { url } }), "malformed"],
        ["a nonce", await change(next, { header: { nonce: "x" } }), "malformed"],
        ["kid in place of jwk", await change(next, { header: { jwk: undefined, kid: client.account } }), "malformed"],
        ["nothing inside", {}, "malformed"],
      ] as const) {
        assert.equal(errorOf(await client.post("/key-change", inner)), error, what);
      }
      const unsigned = await change(next);
      assert.equal(errorOf(await stranger.post("/key-change", unsigned)), "malformed", "not signed by the old key");
      assert.equal((await client.post(pathOf(client.account), null)).status, 200);
    });
  });

  test("an account's addresses can be changed, and are kept", async () => {
    const directory = join(folder, "contact");
    const client = await Client.of(await open([], directory));
    await client.register({ contact: ["mailto:old@a.test"] });
    await client.post(pathOf(client.account), { contact: ["mailto:new@a.test"] });
    const again = new Client(await open([], directory), client.key);
    again.account = client.account;
    assert.deepEqual(parsed(await again.post(pathOf(client.account), null))["contact"], ["mailto:new@a.test"]);
  });

  test("an account's orders are listed, a page at a time, to nobody else", async () => {
    const client = await Client.of(await open());
    const { orders } = parsed(await client.register());
    assert.deepEqual(parsed(await client.post(pathOf(orders), null)), { orders: [] });
    const made: string[] = [];
    for (let at = 0; at < 3; at += 1) await issue(client, "a.test");
    for (let at = 0; at < 49; at += 1) {
      made.push(locationOf(await client.post("/new-order", { identifiers: [{ type: "dns", value: "a.test" }] })));
    }
    const first = await client.post(pathOf(orders), null);
    const link = first.headers.find((value) => value.endsWith('rel="next"')) ?? "";
    const second = await client.post(pathOf(/<(.*)>/.exec(link)?.[1]), null);
    const found = [first, second].map((page) => parsed(page)["orders"] as string[]);
    assert.deepEqual([found[0]?.length, new Set(found.flat()).size], [50, 52]);
    assert.ok(made.every((url) => found.flat().includes(url)));
    assert.ok(!second.headers.some((value) => value.endsWith('rel="next"')));
    const stranger = await Client.of(client.server);
    await stranger.register();
    assert.equal(errorOf(await stranger.post(pathOf(orders), null)), "unauthorized");
  });

  test("certificates name a revocation list, under a name that is the server's own and no other", async () => {
    const certificate = await issue(await registered(await open()), "a.test");
    const list = listOf(certificate) ?? "";
    assert.match(list, /^https:\/\/ca\.test\/acme\/crl\/[0-9a-f]{40}\.crl$/);
    assert.equal(listOf(await issue(await registered(await open([], undefined, ["other.test"])), "a.test")), undefined);
    clearPort = 8080;
    const both = listsOf(await issue(await registered(await open()), "a.test"));
    clearPort = null;
    assert.match(both[0] ?? "", /^http:\/\/ca\.test:8080\/\.sallyport\/crl\/[0-9a-f]{40}\.crl$/);
    assert.deepEqual(both.slice(1), [list]);
    const none = `/crl/${"0".repeat(40)}.crl`;
    const server = await open();
    for (const path of [none, "/crl/..%2f.crl", "/crl/"]) assert.ok((await get(server, path)).status >= 404, path);
  });

  test("OpenSSL finds in the list what was revoked, and nothing else", needsCommand("openssl"), async () => {
    const client = await registered(await open());
    const [first, second] = [await issue(client, "a.test"), await issue(client, "b.test")];
    const path = pathOf(listOf(first));
    const files = {
      list: join(folder, "list.pem"),
      root: join(folder, "root.pem"),
      issuer: join(folder, "issuer.pem"),
    };
    writeFileSync(files.root, ca.rootCertificatePem);
    const verify = async (certificate: X509Certificate): Promise<string> => {
      const { status, headers, body } = await get(client.server, path);
      assert.deepEqual([status, headers.slice(0, 2)], [200, ["Content-Type", "application/pkix-crl"]]);
      const leaf = join(folder, "leaf.pem");
      writeFileSync(leaf, certificate.toString());
      writeFileSync(files.issuer, client.issuer);
      execFileSync("openssl", ["crl", "-inform", "DER", "-out", files.list], { input: body });
      const trust = ["-CAfile", files.root, "-untrusted", files.issuer];
      const { stdout, stderr } = spawnSync("openssl", ["verify", "-crl_check", "-CRLfile", files.list, ...trust, leaf]);
      return `${stdout}${stderr}`;
    };
    assert.match(await verify(first), /: OK/);
    const payload = { certificate: first.raw.toString("base64url"), reason: 1 };
    assert.equal((await client.post("/revoke-cert", payload)).status, 200);
    assert.match(await verify(first), /error 23.*certificate revoked/s);
    assert.match(await verify(second), /: OK/);
    const plain = { certificate: second.raw.toString("base64url") };
    assert.equal((await client.post("/revoke-cert", plain)).status, 200);
    assert.match(await verify(second), /error 23.*certificate revoked/s);
    const shown = execFileSync("openssl", ["crl", "-in", files.list, "-noout", "-text"]).toString();
    assert.match(shown, /X509v3 CRL Number:[\s\S]*X509v3 CRL Reason Code: *\n *Key Compromise/);
    for (const { serialNumber } of [first, second]) assert.ok(shown.includes(`Serial Number: ${serialNumber}`), shown);
    assert.equal(shown.match(/CRL Reason Code/g)?.length, 1, "no reason was given for the second");
    const parts = execFileSync("openssl", ["asn1parse", "-in", files.list]).toString();
    assert.doesNotMatch(parts, /l= +0 cons: SEQUENCE/, "what is absent is left out");
  });

  test("nonces are bounded, and good for once", () => {
    const nonces = new Nonces(random, 2);
    const [first, second, third] = [nonces.issue(), nonces.issue(), nonces.issue()];
    assert.deepEqual(
      [first, second, third, third].map((nonce) => nonces.spend(nonce)),
      [false, true, true, false],
    );
  });

  test("a validation dials the name's own addresses, none that is nobody's, and follows no redirect", async () => {
    const paths: string[] = [];
    const site = createServer((request, response) => {
      paths.push(request.url ?? "");
      if (request.url?.endsWith("moved") === true) response.writeHead(302, { Location: "http://127.0.0.1/" });
      response.end(request.url?.endsWith("good") === true ? "good.print" : "something else");
    }).listen(0, "127.0.0.1");
    await once(site, "listening");
    const httpPort = (site.address() as AddressInfo).port;
    const validator = (dial: string[] | null, addresses: string[]): ((token: string) => Promise<void>) => {
      const validate = createValidator({ resolve: async () => addresses, dial, httpPort, tlsPort: 1, timeoutMs: 5000 });
      return (token) =>
        validate({ type: "http-01", identifier: { type: "dns", value: "a.test" }, token, thumbprint: "print" });
    };
    const local = validator(["127.0.0.0/8"], ["127.0.0.1"]);
    await local("good");
    await assert.rejects(local("bad"), /answered the http-01 validation wrongly/);
    await assert.rejects(local("moved"), /wrongly/);
    assert.equal(paths.length, 3);
    for (const address of ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1"]) {
      await assert.rejects(validator(null, [address])("good"), /no address that may be dialled/, address);
    }
    await assert.rejects(validator(null, [])("good"), /has no address/);
    assert.equal(paths.length, 3);
    site.close();
  });
});
