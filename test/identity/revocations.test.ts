import assert from "node:assert/strict";
import { type ClientRequest, Agent, type IncomingMessage, request } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, type CliResult, runCli, spawnCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askAdmin } from "#test/support/admin.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** A server-sent stream that a client has open. */
interface OpenStream {
  /** Milliseconds since it was opened at which it ended; undefined while it goes on. */
  endedAt(): number | undefined;
  close(): void;
}

describe("what is revoked, at a gateway of three workers", () => {
  let issuer: TokenIssuer;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  const start = (folder?: string): Promise<TestGateway> =>
    startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"], agents: [assistant] } } }
apis:
  orders: { path: /orders, backend: up, access: [{ allow: principal.authenticated }] }
  public: { path: /public, backend: up, access: public }
  second: { path: /second, backend: up, access: public, policies: { inbound: [base, { validate-jwt: { provider: corp, header: X-Token } }] } }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "3"],
      ...(folder === undefined ? {} : { folder }),
    });

  before(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream((incoming, response) => {
      if (incoming.url?.includes("events") !== true) {
        response.end("{}");
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write("data: x\n\n"), 50);
      response.on("close", () => clearInterval(timer));
    });
    gateway = await start();
  });

  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await issuer?.close();
  });

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);

  async function done(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** As the commands do it, without a process for each. */
  async function change(path: string, body: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const { status, text } = await askAdmin(gateway, `POST ${path}`, { headers, body: JSON.stringify(body) });
    assert.equal(status, 200, text);
  }

  /** Each on a connection of its own: so many that every worker has some. @returns the different answers */
  async function answers(token: string, path: string = "/orders"): Promise<readonly string[]> {
    const all = await Promise.all(Array.from({ length: 18 }, () => ask(token, path)));
    return [...new Set(all)];
  }

  function ask(token: string, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      open(token, path, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const { reason } = JSON.parse(text) as { reason?: string };
          resolve(`${response.statusCode} ${reason ?? ""}`.trim());
        });
      }).on("error", reject);
    });
  }

  function open(token: string, path: string, answered: (response: IncomingMessage) => void): ClientRequest {
    const agent = new Agent({ keepAlive: false });
    const headers = path === "/second" ? { "x-token": token } : { authorization: `Bearer ${token}` };
    const sent = request({ host: "127.0.0.1", port: gateway.port, path, agent, headers }, answered);
    sent.end();
    return sent;
  }

  async function openStream(token: string): Promise<OpenStream> {
    const startedAt = Date.now();
    let ended: number | undefined;
    const first = Promise.withResolvers<void>();
    const sent = open(token, "/orders/events", (response) => {
      assert.equal(response.statusCode, 200);
      response.on("data", () => first.resolve());
      response.on("error", () => {});
      response.on("close", () => (ended = Date.now() - startedAt));
    });
    sent.on("error", () => {});
    await first.promise;
    return { endedAt: () => ended, close: () => sent.destroy() };
  }

  it("a principal is refused by every worker when the command ends, its streams within a second, and nobody else's", async () => {
    const [ann, bob] = [await issuer.token({ sub: "ann" }), await issuer.token({ sub: "bob" })];
    assert.deepEqual(await answers(ann), ["200"]);
    const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(ann)));
    const other = await openStream(bob);
    const id = `${issuer.url}||ann`;
    assert.match(await done("revoke", "principal", id, "--reason", "left"), /is revoked until it is lifted/);
    assert.deepEqual(await answers(ann), ["403 principal-revoked"]);
    assert.deepEqual(await answers(ann, "/public"), ["403 principal-revoked"], "on a public route too");
    assert.deepEqual(await answers(await issuer.token({ sub: "ann", jti: "another" })), ["403 principal-revoked"]);
    await sleep(1000);
    assert.ok(streams.every((stream) => stream.endedAt() !== undefined));
    assert.equal(other.endedAt(), undefined);
    assert.deepEqual(await answers(bob), ["200"]);
    assert.match(await done("revocations", "list"), /principal +http.*\|\|ann +left/);
    assert.match((await askAdmin(gateway, "GET /metrics")).text, /^sallyport_revocations\{kind="principal"\} 1$/m);
    await done("revocations", "lift", "principal", id);
    assert.deepEqual(await answers(ann), ["200"]);
    other.close();
  });

  it("a token is refused by its id, or by its digest until it expires, and other tokens of the same person are not", async () => {
    const [leaked, fresh] = [await issuer.token({ jti: "leaked" }), await issuer.token({ jti: "fresh" })];
    await done("revoke", "token", "leaked");
    assert.deepEqual(await answers(leaked), ["401 token-revoked"]);
    assert.deepEqual(await answers(leaked, "/second"), ["401 token-revoked"], "by a policy too");
    assert.deepEqual(await answers(fresh), ["200"]);
    assert.deepEqual(await answers(otherForm(fresh)), ["200"]);
    const child = spawnCliWith(fresh, ["revoke", "token", "-", "--json", "--data", gateway.data]);
    const { id, until } = JSON.parse(await child) as { id: string; until: string };
    assert.match(id, /^[\w-]{43}$/);
    assert.ok(Math.abs(Date.parse(until) - Date.now() - 1_200_000) < 30_000, until);
    assert.deepEqual(await answers(fresh), ["401 token-revoked"]);
    assert.deepEqual(await answers(otherForm(fresh)), ["401 token-revoked"], "in other bytes, as good");
    const { code, stderr } = await run("revoke", "token", fresh);
    assert.deepEqual([code, /on stdin/.test(stderr)], [1, true]);
  });

  it("a client and an agent are, by themselves and when they act for somebody", async () => {
    const [alone, acting, other] = [
      await issuer.token({ sub: "assistant", client_id: "assistant" }),
      await issuer.token({ sub: "carl", act: { sub: "assistant" } }),
      await issuer.token({ sub: "carl", azp: "console" }),
    ];
    await change("/revocations", { kind: "agent", id: "assistant" });
    assert.deepEqual(await answers(alone), ["403 principal-revoked"]);
    assert.deepEqual(await answers(acting), ["403 principal-revoked"]);
    assert.deepEqual(await answers(other), ["200"]);
    await change("/revocations", { kind: "client", id: "console" });
    assert.deepEqual(await answers(other), ["403 principal-revoked"]);
    await change("/revocations/lift", { kind: "agent", id: "assistant" });
    assert.deepEqual(await answers(alone), ["200"]);
  });

  it("ends by itself, and survives a restart and a crash", async () => {
    const dora = await issuer.token({ sub: "dora" });
    const until = new Date(Date.now() + 2500).toISOString();
    await change("/revocations", { kind: "principal", id: `${issuer.url}||dora`, until });
    await change("/revocations", { kind: "principal", id: `${issuer.url}||eve` });
    assert.deepEqual(await answers(dora), ["403 principal-revoked"]);
    await gateway.kill();
    gateway = await start(gateway.folder);
    assert.deepEqual(await answers(await issuer.token({ sub: "eve" })), ["403 principal-revoked"]);
    await sleep(Math.max(0, Date.parse(until) - Date.now()));
    assert.deepEqual(await answers(dora), ["200"]);
    assert.doesNotMatch((await askAdmin(gateway, "GET /revocations")).text, /dora/);
  });

  it("is refused where it makes no sense, with what to do", async () => {
    const cases: readonly (readonly [object, number])[] = [
      [{ kind: "nobody", id: "x" }, 400],
      [{ kind: "token", id: "" }, 400],
      [{ kind: "token", id: "x".repeat(513) }, 400],
      [{ kind: "token", id: "x", until: "2001-01-01T00:00:00Z" }, 400],
      [{ kind: "token", id: "x", until: 5 }, 400],
      [{ kind: "token", id: "x", reason: "a\nb" }, 400],
      [{ kind: "token", id: "x", more: 1 }, 400],
    ];
    for (const [body, status] of cases) {
      const headers = { "content-type": "application/json" };
      const answer = await askAdmin(gateway, "POST /revocations", { headers, body: JSON.stringify(body) });
      assert.equal(answer.status, status, answer.text);
    }
    const { code, stderr } = await run("revocations", "lift", "agent", "nobody");
    assert.deepEqual([code, /there is no revocation/.test(stderr)], [1, true]);
  });
});

/** With text on its stdin. @returns stdout */
async function spawnCliWith(input: string, args: readonly string[]): Promise<string> {
  const child = spawnCli(cli, args, {}, "pipe");
  child.stdin?.end(input);
  let stdout = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  await new Promise((resolve) => child.once("close", resolve));
  return stdout;
}

/** The same token with the other signature that ECDSA has for it, which takes no key to make. */
function otherForm(token: string): string {
  const dot = token.lastIndexOf(".") + 1;
  const signature = Buffer.from(token.slice(dot), "base64url");
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = order - BigInt(`0x${signature.subarray(32).toString("hex")}`);
  const other = Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
  return token.slice(0, dot) + other.toString("base64url");
}
