import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { exportJWK, FlattenedSign, generateKeyPair, type JWK } from "jose";
import { makeRequest } from "#edge/acme/csr.ts";
import { makeKey } from "#edge/acme/keys.ts";
import { eventually, makeCa, quietLog, systemClock } from "#edge/harness.test.ts";
import type { InternalCa } from "#edge/internal-ca.ts";
import type { AcmeResponse } from "./acme-types.ts";
import { createNameRules } from "./names.ts";
import { Nonces } from "./nonces.ts";
import type { ExternalAccount } from "./server-options.ts";
import { type AcmeServer, createAcmeServer } from "./server.ts";
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

const parsed = ({ body }: AcmeResponse): Json => JSON.parse(body) as Json;
const errorOf = (response: AcmeResponse): string => String(parsed(response)["type"]).replace(/.*:/, "");
const pathOf = (url: unknown): string => String(url).slice(base.length);

describe("ACME server", () => {
  let folder: string;
  let ca: InternalCa;
  let remove: () => Promise<void>;
  let count = 0;

  const open = (
    externalAccounts: ExternalAccount[] = [],
    directory = join(folder, `server-${(count += 1)}`),
  ): Promise<AcmeServer> =>
    createAcmeServer({
      directory,
      settings: { allow: ["*.test", "127.0.0.1"], lifetimeMs: 3_600_000, externalAccounts },
      issuer: ca,
      validate: async () => {},
      clock: systemClock,
      random,
      log: quietLog,
    });

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
    await eventually(() => readdirSync(join(directory, "orders")).length === 1, "kept");

    const again = new Client(await open([], directory), client.key);
    again.account = client.account;
    const other = await makeRequest(await makeKey("p256"), [{ type: "dns", value: "b.test" }]);
    assert.equal(errorOf(await again.post(pathOf(finalize), { csr: other })), "badCSR");
    const done = parsed(await again.post(pathOf(finalize), { csr })) as { status: string; certificate: string };
    assert.equal(done.status, "valid");
    const chain = await again.post(pathOf(done.certificate), null);
    assert.equal(chain.body.match(/BEGIN CERTIFICATE/g)?.length, 2);
    for (const kind of ["accounts", "orders"]) {
      for (const name of readdirSync(join(directory, kind))) {
        assert.equal(statSync(join(directory, kind, name)).mode & 0o777, 0o600);
      }
    }

    const stranger = await Client.of(again.server);
    await stranger.register();
    assert.equal((await stranger.post(pathOf(done.certificate), null)).status, 404);
    assert.equal((await stranger.post(pathOf(authorizations[0]), null)).status, 404);
    const certificate = chain.body
      .split("-----")[2]
      ?.replaceAll(/\s/g, "")
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
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
