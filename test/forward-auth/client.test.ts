import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { valuesOf } from "#test/security/strict-origin.ts";
import { type AuthService, definition, startAuthService } from "./auth-service.ts";
import { type Application, explained, send, startApplication, teamKey } from "./setting.ts";

describe("forward-auth, against a service that keeps what it is asked", () => {
  let service: AuthService;
  let application: Application;
  let gateway: TestGateway;

  before(async () => {
    [service, application] = await Promise.all([startAuthService(), startApplication()]);
    const uris = { app: `http://127.0.0.1:${service.port}/verify?realm=1`, gone: "http://127.0.0.1:9/verify" };
    gateway = await startTestGateway({
      definition: definition(application.port, uris),
      args: ["--workers", "1"],
      env: { TEAM_KEY: teamKey },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    service.close();
    application.close();
  });

  it("asks with GET, without the body and what describes it, and the body reaches the backend", async () => {
    const fields = [
      "Content-Type",
      "text/x",
      "Cookie",
      "s=1",
      "Authorization",
      "Basic x",
      "If-None-Match",
      '"e"',
      "Range",
      "bytes=0-1",
    ];
    const reply = await send(gateway.port, "/app/orders%20x?y=2", fields, { method: "PUT", body: "an order" });
    assert.deepEqual([reply.status, reply.text], [200, "from the application"]);
    const { method, url, raw, body } = service.asked.at(-1) ?? assert.fail("it was not asked");
    assert.deepEqual([method, url, body], ["GET", "/verify?realm=1", ""]);
    const value = (name: string): string[] => valuesOf(raw, name);
    assert.deepEqual(value("x-forwarded-method"), ["PUT"]);
    assert.deepEqual(value("x-forwarded-uri"), ["/app/orders%20x?y=2"]);
    assert.deepEqual(value("x-forwarded-proto"), ["http"]);
    assert.deepEqual(value("x-forwarded-host"), ["app.test"]);
    assert.deepEqual(value("x-forwarded-for"), ["127.0.0.1"]);
    assert.deepEqual(value("host"), ["app.test"]);
    assert.deepEqual(value("cookie"), ["s=1"]);
    assert.deepEqual(value("authorization"), ["Basic x"]);
    for (const gone of ["content-type", "content-length", "transfer-encoding", "if-none-match", "range"]) {
      assert.deepEqual(value(gone), [], gone);
    }
    const seen = application.seen.at(-1);
    assert.deepEqual([seen?.method, seen?.body, seen?.headers["content-type"]], ["PUT", "an order", "text/x"]);
    assert.deepEqual([seen?.headers["remote-user"], seen?.headers["remote-email"]], ["ann", "ann@test"]);
  });

  it("tells the service neither a key nor an identity, ours or forged", async () => {
    const forged = ["X-Auth-Request-User", "root", "X-Forwarded-Uri", "/app/other", "X-Forwarded-For", "10.0.0.1"];
    await send(gateway.port, "/app/x", ["Ocp-Apim-Subscription-Key", teamKey, ...forged]);
    await send(gateway.port, `/app/x?subscription-key=${teamKey}`);
    for (const { raw } of service.asked.slice(-2)) {
      assert.equal(JSON.stringify(raw).includes(teamKey), false);
      assert.deepEqual(
        raw.filter((text) => /^x-(?:auth-request|sallyport)|^root$|^10\.0\.0\.1$|other/i.test(text)),
        [],
      );
    }
  });

  it("the client's own fields never arrive, whatever they are called and whatever the service says", async () => {
    for (const target of ["/app/x", "/app/empty"]) {
      await send(gateway.port, target, ["Remote-User", "root", "remote_user", "root", "REMOTE-EMAIL", "root"]);
      const { headers } = application.seen.at(-1) ?? assert.fail("nothing arrived");
      assert.equal(JSON.stringify(headers).includes("root"), false);
      assert.equal(headers["remote-user"], target === "/app/empty" ? undefined : "ann");
    }
  });

  it("any other status goes to the client whole, once, and the redirect is not followed", async () => {
    const asked = service.asked.length;
    const seen = application.seen.length;
    const reply = await send(gateway.port, "/app/login");
    assert.deepEqual([reply.status, reply.text], [302, "please log in"]);
    assert.equal(reply.headers["location"], "https://login.test/?rd=1");
    assert.deepEqual(reply.headers["set-cookie"], ["a=1", "b=2"]);
    assert.equal(reply.headers["keep-alive"], undefined);
    assert.equal(reply.headers["x-error"], undefined);
    assert.equal(service.asked.length, asked + 1);
    assert.equal(application.seen.length, seen);
    const text = await explained(gateway, reply);
    assert.match(text, /denied, status 302/);
    assert.match(text, /auth-service-denied/);
  });

  it("keeps its connection, and asks again on a new one when the service has closed it", async () => {
    const sockets = service.connections();
    for (let call = 0; call < 3; call += 1) assert.equal((await send(gateway.port, "/app/x")).status, 200);
    assert.ok(service.connections() <= sockets + 1, "one connection for all");
    service.closeIdle();
    assert.equal((await send(gateway.port, "/app/x")).status, 200);
    assert.ok(service.connections() <= sockets + 2);
  });

  for (const [target, status] of [
    ["/gone/x", 502],
    ["/app/cut", 502],
    ["/app/huge", 502],
    ["/app/silent", 504],
  ] as const) {
    it(`${target}: no answer is no leave, ${status}`, async () => {
      const seen = application.seen.length;
      const reply = await send(gateway.port, target);
      assert.deepEqual([reply.status, reply.json()["reason"]], [status, "auth-service-failed"]);
      assert.equal(application.seen.length, seen);
    });
  }
});
