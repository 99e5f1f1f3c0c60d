import assert from "node:assert/strict";
import { type IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from "jose";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebSocketUpstream, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { WebSocket } from "ws";

const field = "x-sallyport-assertion";

/** Applications that believe nobody but the gateway's key set, and the whole gateway in front of them. */
describe("signed assertions", () => {
  let issuer: TokenIssuer;
  let upstream: TestUpstream;
  let echo: WebSocketUpstream;
  let failing: TestUpstream;
  let grpc: { readonly url: string; readonly seen: IncomingHttpHeaders[]; close(): void };
  let gateway: TestGateway;
  let verify: (text: string, audience: string) => Promise<JWTPayload>;

  const start = async (folder?: string): Promise<void> => {
    const told = (url: string, identity: string): string => `{ url: "${url}", identity: ${identity} }`;
    gateway = await startTestGateway({
      ...(folder === undefined ? {} : { folder }),
      definition: `version: 1
edge:
  https: "off"
  listen: { http: "127.0.0.1:0" }
  forwardAuth: { path: /.sallyport/auth, callers: [127.0.0.1] }
identity:
  providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } }
  assertion: { issuer: "https://gateway.example" }
apis:
  orders: { path: /orders, backend: signed, access: public }
  stock: { path: /stock, backend: signed, access: public }
  both: { path: /both, backend: plain, identity: [headers, assertion], access: public }
  plain: { path: /plain, backend: plain, access: public }
  none: { path: /none, backend: none, access: public }
  chosen: { path: /chosen, backend: signed, access: public, policies: { inbound: [base, { set-backend-service: { backendId: plain } }] } }
  elsewhere: { path: /elsewhere, backend: signed, access: public, policies: { inbound: [base, { set-backend-service: { baseUrl: "${upstream.url}" } }] } }
  socket: { path: /socket, backend: socket, access: public }
  again: { path: /again, backend: again, access: public }
  grpc: { path: /grpc, backend: grpc, access: public }
  asked: { hosts: [app.test], path: /asked, backend: none, identity: assertion, forwardAuth: true, access: public }
backends:
  signed: ${told(upstream.url, "assertion")}
  plain: ${told(upstream.url, "headers")}
  none: ${told(upstream.url, "none")}
  again: { url: "${failing.url}", identity: assertion, retries: { on: [503] } }
  grpc: { url: "${grpc.url}", identity: assertion, protocol: h2c }
  socket: ${told(echo.url, "[assertion]")}
`,
      args: ["--workers", "2"],
    });
    const keys = createRemoteJWKSet(new URL(`${gateway.url}/.sallyport/jwks.json`));
    verify = async (text, audience) =>
      (await jwtVerify(text, keys, { issuer: "https://gateway.example", audience, algorithms: ["ES256"] })).payload;
  };

  before(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream();
    echo = await startWebSocketUpstream();
    failing = await startUpstream((_request, response) =>
      response.writeHead(failing.seen.length < 2 ? 503 : 200).end(),
    );
    grpc = await startHttp2();
    await start();
  });
  after(async () => {
    await gateway?.cleanUp();
    echo?.close();
    grpc?.close();
    await failing?.close();
    await upstream?.close();
    await issuer?.close();
  });

  async function seen(path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingHttpHeaders> {
    const response = await call(gateway, path, { headers, fresh: true });
    assert.equal(response.status, 200, response.text);
    return upstream.seen.at(-1)?.headers ?? {};
  }

  const by = async (claims: Readonly<Record<string, unknown>> = {}): Promise<Record<string, string>> => ({
    authorization: `Bearer ${await issuer.token({ groups: ["staff"], email: "ann@example.com", ...claims })}`,
  });

  it("say to a verifier who calls, at the API that was called, and nothing in fields beside them", async () => {
    const actor = { sub: "agent", act: { sub: "other" } };
    const headers = await seen("/orders/1", await by({ act: actor }));
    const claims = await verify(String(headers[field]), "orders");
    assert.deepEqual([claims.sub, claims["email"], claims["groups"]], ["ann", "ann@example.com", ["staff"]]);
    assert.equal(claims["principal"], `${issuer.url}||ann`);
    const chain = { sub: "agent", iss: issuer.url, act: { sub: "other", iss: issuer.url } };
    assert.deepEqual(claims["act"], chain);
    assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 300);
    assert.equal(headers["x-auth-request-user"], undefined);
    await assert.rejects(verify(String(headers[field]), "stock"), { code: "ERR_JWT_CLAIM_VALIDATION_FAILED" });
  });

  it("are the same for a minute, others for others, and none for nobody", async () => {
    const ann = await by();
    const ids = new Set<unknown>();
    for (let times = 0; times < 12; times += 1) ids.add(decodeJwt(String((await seen("/orders", ann))[field])).jti);
    // One a worker.
    assert.ok(ids.size <= 2);
    const ben = decodeJwt(String((await seen("/orders", await by({ sub: "ben", groups: [] })))[field]));
    assert.deepEqual([ben.sub, ben["groups"]], ["ben", []]);
    assert.equal((await seen("/orders"))[field], undefined);
  });

  it("go where they are asked for: by the backend, by the API, and nowhere else", async () => {
    const ann = await by();
    const both = await seen("/both", ann);
    assert.equal(both["x-auth-request-user"], "ann");
    assert.equal((await verify(String(both[field]), "both")).sub, "ann");
    const told = async (path: string): Promise<readonly unknown[]> => {
      const headers = await seen(path, ann);
      return [headers["x-auth-request-user"], headers[field] !== undefined];
    };
    assert.deepEqual(await told("/plain"), ["ann", false]);
    assert.deepEqual(await told("/none"), [undefined, false]);
    assert.deepEqual(await told("/chosen"), ["ann", false]);
    assert.deepEqual(await told("/elsewhere"), ["ann", false]);
  });

  it("are never the client's own, in whatever spelling", async () => {
    for (const path of ["/orders", "/none", "/plain"]) {
      for (const name of [
        "X-Sallyport-Assertion",
        "x-SALLYPORT-assertion",
        "X_Sallyport_Assertion",
        "X-Sallyport.Assertion",
      ]) {
        const headers = await seen(path, { [name]: "forged" });
        assert.ok(!JSON.stringify(headers).includes("forged"), `${path} ${name}`);
      }
    }
  });

  it("stand beside the fields of oauth2-proxy, by which an application made for it works, whatever a client says", async () => {
    const own = ["User", "Email", "Groups", "Preferred-Username"];
    const forged: Record<string, string> = {};
    for (const prefix of ["X-Auth-Request-", "X-Forwarded-", "x_auth_request_", "X-AUTH.REQUEST-"]) {
      for (const name of [...own, "Access-Token"]) forged[`${prefix}${name}`] = "forged";
    }
    const told = await seen("/both", {
      ...forged,
      ...(await by({ groups: ["staff", "a,b"], preferred_username: "annie" })),
    });
    assert.deepEqual(
      own.map((name) => told[`x-auth-request-${name.toLowerCase()}`]),
      ["ann", "ann@example.com", "staff", "annie"],
    );
    assert.ok(!JSON.stringify(told).includes("forged"));
    assert.ok(!JSON.stringify(await seen("/both", forged)).includes("forged"));
  });

  it("come with the handshake of a WebSocket", async () => {
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/socket/greet`, { headers: await by() });
    await new Promise((resolve, reject) => socket.once("message", resolve).once("error", reject));
    socket.terminate();
    assert.equal((await verify(String(echo.seen.at(-1)?.headers[field]), "socket")).sub, "ann");
  });

  it("come with each attempt, and over HTTP/2", async () => {
    const headers = await by();
    assert.equal((await call(gateway, "/again", { headers })).status, 200);
    const attempts = failing.seen.map((one) => String(one.headers[field]));
    assert.equal(attempts.length, 2);
    for (const text of attempts) assert.equal((await verify(text, "again")).sub, "ann");
    const content = { ...headers, "content-type": "application/grpc", te: "trailers" };
    const answer = await call(gateway, "/grpc/test.Echo/Unary", { method: "POST", headers: content, body: "" });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await verify(String(grpc.seen[0]?.[field]), "grpc")).sub, "ann");
  });

  it("come in the answer to a proxy that asks", async () => {
    const question = {
      "x-forwarded-method": "GET",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "app.test",
      "x-forwarded-uri": "/asked/1",
      "x-forwarded-for": "192.0.2.1",
    };
    const answer = await call(gateway, "/.sallyport/auth", { headers: { ...question, ...(await by()) } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await verify(String(answer.headers[field]), "asked")).sub, "ann");
    assert.equal(answer.headers["x-auth-request-user"], "");
    const nobody = await call(gateway, "/.sallyport/auth", { headers: { ...question, [field]: "forged" } });
    assert.equal(nobody.headers[field], "");
  });

  it("are checked by a key set that may be kept, and that shows nothing private", async () => {
    const answer = await call(gateway, "/.sallyport/jwks.json");
    assert.equal(answer.headers["cache-control"], "public, max-age=3600");
    assert.equal(answer.headers["content-type"], "application/jwk-set+json");
    assert.deepEqual(Object.keys((answer.json()["keys"] as [object])[0]).toSorted(), [
      "alg",
      "crv",
      "kid",
      "kty",
      "use",
      "x",
      "y",
    ]);
  });

  it("outlive a restart: a verifier that keeps the keys goes on", async () => {
    const { folder } = gateway;
    const signed = String((await seen("/orders", await by()))[field]);
    const known = await (await fetch(`${gateway.url}/.sallyport/jwks.json`)).text();
    await gateway.stop();
    await start(folder);
    assert.equal((await verify(signed, "orders")).sub, "ann");
    assert.equal(await (await fetch(`${gateway.url}/.sallyport/jwks.json`)).text(), known);
  });
});

/** Speaks what gRPC is carried by, and nothing else. */
async function startHttp2() {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(200, { "content-type": "application/grpc", "grpc-status": "0" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, close: () => void server.close() };
}
