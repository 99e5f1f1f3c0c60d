import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ProofMaker } from "#identity/testing/dpop.ts";
import { type AdminResponse, askAdmin } from "#test/support/admin.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { BoundProvider } from "./bound-provider.ts";

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly challenge: string;
  readonly nonce: string | undefined;
}

/** A real provider's bound tokens, at a gateway of two workers, over TLS. */
describe("tokens that are bound to their sender", needsCommand("openssl"), () => {
  let folder: string;
  let provider: BoundProvider;
  let strict: BoundProvider;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  const file = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(file(name), "utf8");
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  const makeClient = (name: string): void => {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const issuer = ["-CA", "partners.crt", "-CAkey", "partners.key", "-CAcreateserial"];
    openssl("x509", "-req", "-in", `${name}.csr`, ...issuer, "-out", `${name}.crt`);
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-bound-"));
    openssl("req", "-x509", ...key, "-keyout", "partners.key", "-out", "partners.crt", "-subj", "/CN=partners");
    makeClient("orders");
    makeClient("thief");
    [provider, strict] = await Promise.all([BoundProvider.start(), BoundProvider.start()]);
    upstream = await startUpstream((incoming, response) => {
      if (incoming.url !== "/events") {
        response.end("{}");
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write("data: x\n\n"), 50);
      response.on("close", () => clearInterval(timer));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  clientCertificates: { mode: request, ca: partners.crt }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", audiences: ["${provider.audience}"] }
    strict: { issuer: "${strict.issuer}", audiences: ["${strict.audience}"], dpop: required, dpopNonces: true }
apis:
  orders: { path: /orders, backend: up, access: [{ allow: '"orders.read" in principal.scopes' }] }
  narrowed: { path: /narrowed, backend: up, access: public, policies: { inbound: [base, { validate-jwt: { provider: corp } }] } }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "partners.crt": text("partners.crt") },
      args: ["--workers", "2"],
    });
  });

  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await provider?.stop();
    await strict?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Each on a connection of its own, so that either worker may have it. */
  function ask(
    path: string,
    headers: Readonly<Record<string, string | string[]>>,
    certificate?: string,
  ): Promise<Answer> {
    const own = certificate === undefined ? {} : { cert: text(`${certificate}.crt`), key: text(`${certificate}.key`) };
    const agent = new Agent({ keepAlive: false, ca: gateway.ca, ...own });
    return new Promise((resolve, reject) => {
      const sent = request({ host: "localhost", port: gateway.port, path, agent, headers }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (body += chunk));
        response.on("end", () => {
          const { reason } = JSON.parse(body) as { reason?: string };
          const challenge = response.headers["www-authenticate"] ?? "";
          const nonce = response.headers["dpop-nonce"] as string | undefined;
          resolve({ status: response.statusCode ?? 0, reason: reason ?? "", challenge, nonce });
        });
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  const urlOf = (path: string): string => `https://localhost:${gateway.port}${path}`;

  it("DPoP: pass with a proof for each request, which goes no further", async () => {
    const maker = await ProofMaker.make();
    const token = await provider.boundToKey(maker);
    for (let at = 0; at < 4; at += 1) {
      const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/orders") });
      assert.equal((await ask("/orders?page=1", { authorization: `DPoP ${token}`, dpop })).status, 200);
      assert.equal(upstream.seen.at(-1)?.headers["dpop"], undefined);
      assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-user"], "by-key");
    }
  });

  it("DPoP: a proof is good once, whichever worker it comes to, however many times at once", async () => {
    const maker = await ProofMaker.make();
    const token = await provider.boundToKey(maker);
    for (let round = 0; round < 3; round += 1) {
      const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/orders") });
      const all = await Promise.all(
        Array.from({ length: 12 }, () => ask("/orders", { authorization: `DPoP ${token}`, dpop })),
      );
      assert.equal(all.filter(({ status }) => status === 200).length, 1);
      assert.equal(all.filter(({ reason }) => reason === "dpop-proof-replayed").length, 11);
    }
  });

  it("DPoP: the token alone, as a bearer, or with somebody else's proof, is refused and told how", async () => {
    const [maker, thief] = [await ProofMaker.make(), await ProofMaker.make()];
    const token = await provider.boundToKey(maker);
    const good = { htm: "GET", htu: urlOf("/orders") };
    const proof = await maker.proof(token, good);
    const cases: readonly (readonly [Readonly<Record<string, string | string[]>>, string])[] = [
      [{ authorization: `Bearer ${token}` }, "dpop-proof-missing"],
      [{ authorization: `Bearer ${token}`, dpop: proof }, "dpop-proof-missing"],
      [{ authorization: `DPoP ${token}` }, "dpop-proof-missing"],
      [{ authorization: `DPoP ${token}`, dpop: [proof, proof] }, "dpop-proof-invalid"],
      [{ authorization: `DPoP ${token}`, dpop: await thief.proof(token, good) }, "dpop-proof-invalid"],
      [
        { authorization: `DPoP ${token}`, dpop: await maker.proof(token, { ...good, htu: urlOf("/other") }) },
        "dpop-proof-invalid",
      ],
    ];
    for (const [headers, expected] of cases) {
      const { status, reason, challenge } = await ask("/orders", headers);
      assert.deepEqual([status, reason], [401, expected]);
      assert.match(challenge, /^DPoP realm="localhost", error="invalid_(token|dpop_proof)", .*algs="RS256 .*ES256/);
    }
    // None of that has used the proof up.
    assert.equal((await ask("/orders", { authorization: `DPoP ${token}`, dpop: proof })).status, 200);
  });

  it("DPoP: a policy that narrows takes the token that identity has had the proof for, and no other", async () => {
    const maker = await ProofMaker.make();
    const token = await provider.boundToKey(maker);
    const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/narrowed") });
    assert.equal((await ask("/narrowed", { authorization: `DPoP ${token}`, dpop })).status, 200);
  });

  it("DPoP: a nonce is asked for where the provider's proofs must have one, and is good on every worker", async () => {
    const maker = await ProofMaker.make();
    const token = await strict.boundToKey(maker);
    const withNonce = async (nonce?: string): Promise<Answer> => {
      const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/orders"), nonce });
      return ask("/orders", { authorization: `DPoP ${token}`, dpop });
    };
    for (const wrong of [await withNonce(), await withNonce("invented")]) {
      assert.deepEqual([wrong.status, wrong.reason], [401, "dpop-nonce-required"]);
      assert.match(wrong.challenge, /^DPoP realm="localhost", error="use_dpop_nonce", .*algs="/);
    }
    const { nonce } = await withNonce();
    assert.match(nonce ?? "", /^[\w-]{22}$/);
    const passed = await Promise.all(Array.from({ length: 8 }, () => withNonce(nonce)));
    assert.deepEqual([...new Set(passed.map(({ status }) => status))], [200]);
    const bare = await ask("/orders", { authorization: `DPoP ${token}` });
    assert.deepEqual([bare.reason, typeof bare.nonce], ["dpop-proof-missing", "string"]);
    const bearer = await ask("/orders", { authorization: `Bearer ${await strict.bearerToken()}` });
    assert.deepEqual([bearer.reason, bearer.challenge.slice(0, 5)], ["token-not-bound", "DPoP "]);
  });

  it("DPoP: a stream goes on when it is decided again, without a second proof, and ends when its client is revoked", async () => {
    const maker = await ProofMaker.make();
    const token = await provider.boundToKey(maker);
    const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/orders/events") });
    const headers = { authorization: `DPoP ${token}`, dpop };
    const agent = new Agent({ keepAlive: false, ca: gateway.ca });
    const opened = Promise.withResolvers<number | undefined>();
    let pieces = 0;
    let ended = false;
    const sent = request(
      { host: "localhost", port: gateway.port, path: "/orders/events", agent, headers },
      (response) => {
        opened.resolve(response.statusCode);
        response.on("data", () => (pieces += 1));
        response.on("error", () => {});
        response.on("close", () => (ended = true));
      },
    );
    sent.on("error", () => {});
    sent.end();
    assert.equal(await opened.promise, 200);
    const revoke = (id: string): Promise<AdminResponse> => {
      const fields = { "content-type": "application/json" };
      return askAdmin(gateway, "POST /revocations", { headers: fields, body: JSON.stringify({ kind: "client", id }) });
    };
    assert.equal((await revoke("somebody-else")).status, 200);
    await sleep(300);
    const soFar = pieces;
    await sleep(300);
    assert.ok(!ended && pieces > soFar);
    assert.equal((await revoke("by-key")).status, 200);
    await sleep(1000);
    assert.ok(ended);
  });

  it("a request without credentials is told of both schemes where both are good", async () => {
    const { status, reason, challenge } = await ask("/orders", {});
    assert.deepEqual([status, reason], [401, "credentials-missing"]);
    assert.match(challenge, /^Bearer realm="localhost", DPoP realm="localhost", algs="RS256 .*ES256/);
  });

  it("a token without a binding is a bearer token, and nothing else", async () => {
    const token = await provider.bearerToken();
    assert.equal((await ask("/orders", { authorization: `Bearer ${token}` })).status, 200);
    const maker = await ProofMaker.make();
    const dpop = await maker.proof(token, { htm: "GET", htu: urlOf("/orders") });
    assert.equal((await ask("/orders", { authorization: `DPoP ${token}`, dpop })).reason, "token-not-bound");
  });

  it("mTLS: pass over a connection with the certificate, and over no other", async () => {
    const token = await provider.boundToCertificate(text("orders.crt"));
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await ask("/orders", headers, "orders")).status, 200);
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-user"], "by-certificate");
    for (const certificate of ["thief", undefined]) {
      const { status, reason, challenge } = await ask("/orders", headers, certificate);
      assert.deepEqual([status, reason], [401, "token-certificate-mismatch"]);
      assert.match(challenge, /^Bearer .*error="invalid_token"/);
    }
    assert.equal((await ask("/narrowed", headers, "orders")).status, 200);
  });
});
