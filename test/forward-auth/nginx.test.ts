import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type FrontProxy, startNginx } from "#test/support/front-proxy.ts";
import { needsCommand } from "#test/support/require.ts";
import { type Application, type Asked, send, snippet, startApplication, startAsked } from "./setting.ts";

/** Real nginx in front of the application, asking us: the snippet of docs/howto/forward-auth.md. */
describe("forward_auth, asked by nginx", needsCommand("nginx"), () => {
  let asked: Asked;
  let application: Application;
  let nginx: FrontProxy;

  before(async () => {
    [asked, application] = await Promise.all([startAsked(), startApplication()]);
    nginx = await startNginx(snippet("nginx", asked, application));
  });
  after(async () => {
    await nginx.stop();
    await asked.close();
    application.close();
  });

  const forged = ["X-Auth-Request-User", "root", "X-Auth-Request-Groups", "admins", "X-Sallyport-Subscription", "vip"];
  const staff = async (): Promise<string> => `Bearer ${await asked.issuer.token({ sub: "ann", groups: ["staff"] })}`;

  it("forwards with our identity and without the client's, body and all", async () => {
    const reply = await send(nginx.port, "/orders/7?page=2", [...forged, "Authorization", await staff()], {
      method: "POST",
      body: "an order",
    });
    assert.deepEqual([reply.status, reply.text], [200, "from the application"]);
    const seen = application.seen.at(-1);
    assert.deepEqual([seen?.method, seen?.url, seen?.body], ["POST", "/orders/7?page=2", "an order"]);
    assert.equal(seen?.headers["x-auth-request-user"], "ann");
    assert.equal(seen?.headers["x-auth-request-groups"], "staff");
    assert.equal(seen?.headers["x-sallyport-subscription"], undefined);
  });

  it("leaves nothing forged where nobody is known", async () => {
    assert.equal((await send(nginx.port, "/open/x", forged)).status, 200);
    const { headers } = application.seen.at(-1) ?? assert.fail("nothing arrived");
    assert.deepEqual(
      Object.keys(headers).filter((name) => /^x-(auth|sally)/.test(name)),
      [],
    );
  });

  it("sends a browser where a refusal sends it, cookie and all", async () => {
    const already = application.seen.length;
    const reply = await send(nginx.port, "/browser/page");
    assert.equal(reply.status, 302);
    assert.equal(reply.headers.location, "https://login.test/start?back=%2Fbrowser%2F&state=a%26b");
    assert.deepEqual(reply.headers["set-cookie"], ["login=1; Path=/; HttpOnly"]);
    assert.equal(application.seen.length, already);
    assert.equal((await send(nginx.port, "/open/x")).headers["set-cookie"], undefined);
  });

  it("passes 401 with its challenge and 403 on, maps the others, and the application sees nothing", async () => {
    const already = application.seen.length;
    const nobody = await send(nginx.port, "/orders/7");
    assert.equal(nobody.status, 401);
    assert.match(String(nobody.headers["www-authenticate"]), /^Bearer/);
    const other = `Bearer ${await asked.issuer.token({ sub: "bob" })}`;
    assert.equal((await send(nginx.port, "/orders/7", ["Authorization", other])).status, 403);
    assert.equal((await send(nginx.port, "/direct/x")).status, 403);
    assert.equal((await send(nginx.port, "/nothing")).status, 404);
    assert.equal((await send(nginx.port, "/open/../orders/7")).status, 400);
    assert.equal((await send(nginx.port, "/tricky/x")).status, 401);
    assert.equal(application.seen.length, already);
  });

  it("counts its clients one by one", async () => {
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await send(nginx.port, "/limited/x")).status);
    assert.deepEqual(statuses, [200, 200, 200, 429]);
  });
});
