import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CompactSign } from "jose";
import { loadText } from "#config/fixture.test-helper.ts";
import { exportKey, makeAuthority, makeLeaf } from "#edge/x509.ts";
import { type IssuerKey, makeKey } from "#identity/testing/issuer.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const issuer = "https://kubernetes.default.svc.cluster.local";

/** Stands in for a cluster's API server: who brings no good token gets 401, and its metadata names an address of a node's. */
class ApiServer {
  good = "";
  key: IssuerKey;
  readonly asked: (string | undefined)[] = [];
  readonly #server: Server;

  constructor(server: Server, key: IssuerKey) {
    this.#server = server;
    this.key = key;
    server.on("request", (request, response) => {
      const { url = "", headers } = request;
      this.asked.push(url);
      const body = headers.authorization === `Bearer ${this.good}` ? this.#answer(url) : undefined;
      response.writeHead(body === undefined ? 401 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body ?? { kind: "Status", reason: "Unauthorized" }));
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer(url: string): object | undefined {
    if (url === "/openid/v1/jwks") return { keys: [this.key.jwk] };
    if (url !== "/.well-known/openid-configuration") return undefined;
    return { issuer, jwks_uri: "https://192.0.2.1:6443/openid/v1/jwks" };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

describe("a gateway in a cluster", () => {
  let folder: string;
  let server: ApiServer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const [first, second] = ["eyJmaXJzdA.e30.x", "eyJzZWNvbmQ.e30.y"];

  before(async () => {
    const random = { bytes: (count: number) => randomBytes(count) };
    const validity = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 3_600_000 };
    const root = await makeAuthority("cluster", validity, null, random);
    const leaf = await makeLeaf(["127.0.0.1"], validity, root, random);
    const https = createServer({ cert: leaf.certificate.toString("pem"), key: await exportKey(leaf.keys) });
    https.listen(0, "127.0.0.1");
    await once(https, "listening");
    server = new ApiServer(https, await makeKey("k1", "RS256"));
    folder = mkdtempSync(join(tmpdir(), "sallyport-cluster-"));
    writeFileSync(join(folder, "ca.crt"), root.certificate.toString("pem"));
    writeFileSync(join(folder, "token"), `${first}\n`);
    server.good = first;
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
identity:
  providers:
    cluster:
      preset: kubernetes
      inCluster: { server: "${server.url}", token: "${join(folder, "token")}", ca: "${join(folder, "ca.crt")}" }
      audiences: [orders]
apis:
  orders: { path: /orders, backend: up, access: [{ allow: 'principal.subject == "system:serviceaccount:jobs:builder"' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
  });

  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(): Promise<number> {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: ["orders"],
      sub: "system:serviceaccount:jobs:builder",
      iat: now,
      exp: now + 3600,
      "kubernetes.io": { namespace: "jobs", serviceaccount: { name: "builder" } },
    };
    const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: "RS256", kid: server.key.jwk.kid as string })
      .sign(server.key.privateKey);
    const response = await fetch(`${gateway.url}/orders`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    return response.status;
  }

  it("knows the keys by its service account's token and the cluster's own authority, at the API server alone", async () => {
    assert.equal(await call(), 200);
    assert.deepEqual(server.asked, ["/.well-known/openid-configuration", "/openid/v1/jwks"]);
  });

  it("reads the token anew, as the kubelet replaces it, when the cluster has another key", async () => {
    server.good = second;
    writeFileSync(join(folder, "token"), second);
    server.key = await makeKey("k2", "RS256");
    assert.equal(await call(), 200);
  });

  it("does not believe whom it cannot check: the API server lets it in no more", async () => {
    server.good = "another";
    server.key = await makeKey("k3", "RS256");
    assert.equal(await call(), 401);
    const told = /provider's keys could not be fetched.*answered 401/;
    for (let tries = 0; tries < 100 && !told.test(gateway.output()); tries += 1) await sleep(20);
    assert.match(gateway.output(), told);
    for (const token of [first, second]) assert.doesNotMatch(gateway.output(), new RegExp(token));
  });
});

it("a definition for a cluster loads outside it, and for the preset kubernetes alone", async () => {
  const load = (provider: string): ReturnType<typeof loadText> =>
    loadText(`version: 1\nidentity: { providers: { cluster: ${provider} } }`);
  const { definition } = await load("{ preset: kubernetes, inCluster: true, audiences: [orders] }");
  const [provider] = definition?.providers ?? [];
  const files = "/var/run/secrets/kubernetes.io/serviceaccount";
  assert.deepEqual(
    [provider?.issuer, provider?.inCluster],
    [issuer, { server: "https://kubernetes.default.svc", tokenFile: `${files}/token`, caFile: `${files}/ca.crt` }],
  );
  const own = 'issuer: "https://oidc.example.com/id/1", inCluster: true, audiences: [orders]';
  assert.equal(
    (await load(`{ preset: kubernetes, ${own} }`)).definition?.providers[0]?.issuer,
    "https://oidc.example.com/id/1",
  );
  const codes = async (written: string): Promise<readonly string[]> =>
    (await load(written)).diagnostics.map(({ code }) => code);
  assert.deepEqual(await codes(`{ ${own} }`), ["value-invalid"]);
  assert.deepEqual(await codes("{ preset: kubernetes, audiences: [orders], inCluster: false }"), ["key-missing"]);
  const clear = '{ preset: kubernetes, audiences: [orders], inCluster: { server: "http://kubernetes.default.svc" } }';
  assert.deepEqual(await codes(clear), ["value-invalid"]);
});
