import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type FrontProxy, startCaddy } from "#test/support/front-proxy.ts";
import { needsCommand } from "#test/support/require.ts";
import { type Application, type Asked, send, snippet, startApplication, startAsked, teamKey } from "./setting.ts";

/** Real Caddy in front of the application, asking us: the snippet of docs/howto/forward-auth.md. */
describe("forward_auth, asked by Caddy", needsCommand("caddy"), () => {
  let asked: Asked;
  let application: Application;
  let caddy: FrontProxy;

  before(async () => {
    [asked, application] = await Promise.all([startAsked(), startApplication()]);
    caddy = await startCaddy(snippet("caddy", asked, application));
  });
  after(async () => {
    await caddy.stop();
    await asked.close();
    application.close();
  });

  const forged = ["X-Auth-Request-User", "root", "X-Auth-Request-Groups", "admins", "X-Sallyport-Role", "admin"];
  const staff = async (): Promise<string> => `Bearer ${await asked.issuer.token({ sub: "ann", groups: ["staff"] })}`;

  it("forwards with our identity and without the client's, body and all", async () => {
    const reply = await send(caddy.port, "/orders/7?page=2", [...forged, "Authorization", await staff()], {
      method: "POST",
      body: "an order",
    });
    assert.deepEqual([reply.status, reply.text], [200, "from the application"]);
    const seen = application.seen.at(-1);
    assert.deepEqual([seen?.method, seen?.url, seen?.body], ["POST", "/orders/7?page=2", "an order"]);
    assert.equal(seen?.headers["x-auth-request-user"], "ann");
    assert.equal(seen?.headers["x-auth-request-groups"], "staff");
    assert.equal(seen?.headers["x-tenant"], "ann-tenant");
    assert.equal(seen?.headers["x-sallyport-role"], undefined);
  });

  it("leaves nothing forged where nobody is known, and no key", async () => {
    const reply = await send(caddy.port, "/open/x", forged);
    assert.equal(reply.status, 200);
    const { headers } = application.seen.at(-1) ?? assert.fail("nothing arrived");
    assert.deepEqual(
      Object.entries(headers).filter(([name, value]) => /^x-(auth|sally)/.test(name) && value !== ""),
      [],
    );
    assert.equal((await send(caddy.port, "/keyed/x", ["Ocp-Apim-Subscription-Key", teamKey])).status, 200);
    assert.ok(!JSON.stringify(application.seen.at(-1)).includes(teamKey));
  });

  it("passes our refusals on, and the application sees nothing", async () => {
    const already = application.seen.length;
    const nobody = await send(caddy.port, "/orders/7");
    assert.deepEqual([nobody.status, nobody.json()["reason"]], [401, "credentials-missing"]);
    assert.match(String(nobody.headers["www-authenticate"]), /^Bearer/);
    const other = `Bearer ${await asked.issuer.token({ sub: "bob" })}`;
    assert.equal((await send(caddy.port, "/orders/7", ["Authorization", other])).status, 403);
    assert.equal((await send(caddy.port, "/direct/x")).status, 403);
    assert.equal((await send(caddy.port, "/tricky/x")).status, 401);
    assert.equal(application.seen.length, already);
  });

  it("sends a browser where a refusal sends it, cookie and all", async () => {
    const already = application.seen.length;
    const reply = await send(caddy.port, "/browser/page");
    assert.equal(reply.status, 302);
    assert.equal(reply.headers.location, "https://login.test/start?back=%2Fbrowser%2F&state=a%26b");
    assert.deepEqual(reply.headers["set-cookie"], ["login=1; Path=/; HttpOnly"]);
    assert.equal(application.seen.length, already);
  });

  it("a client cannot speak for Caddy", async () => {
    const already = application.seen.length;
    const fields = ["X-Forwarded-Uri", "/open/x", "X-Forwarded-Method", "GET", "X-Forwarded-Host", "app.test"];
    assert.equal((await send(caddy.port, "/orders/7", fields)).status, 401);
    assert.equal((await send(caddy.port, "/local/x", ["X-Forwarded-For", "203.0.113.9"])).status, 200);
    assert.equal(application.seen.length, already + 1);
  });

  it("paths that servers read differently are refused", async () => {
    const already = application.seen.length;
    for (const path of ["/orders/../open/x", "/open/%2e%2e/orders/7", "//open/x", "/open/a%2fb", "/open/x;y"]) {
      assert.equal((await send(caddy.port, path)).status, 400, path);
    }
    assert.equal(application.seen.length, already);
  });
});
