import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type LoginScene, startLoginScene } from "#test/support/login-scene.ts";
import { navigation, Visitor } from "#test/support/visitor.ts";

const apis = `  here: { hosts: [localhost], path: /asked, forwardAuth: true, access: [{ allow: '"staff" in principal.groups' }] }
  asked: { hosts: [app.example.com], path: /, forwardAuth: true, access: [{ allow: '"staff" in principal.groups' }] }`;

/** What Caddy sends when it asks about a request. */
const question = (uri: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  "x-forwarded-method": "GET",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "app.example.com",
  "x-forwarded-uri": uri,
  "x-forwarded-for": "192.0.2.7",
  ...more,
});

for (const login of ["redirect", "status"] as const) {
  describe(`a proxy that asks, and gets ${login} for who is not logged in`, () => {
    let scene: LoginScene;
    let visitor: Visitor;

    before(async () => {
      const edge = `, forwardAuth: { path: /ask, callers: [127.0.0.1], login: ${login} }`;
      scene = await startLoginScene({ edge, apis });
      visitor = new Visitor(scene.gateway.ca);
    });
    after(() => scene.close());

    it("is told where a browser logs in, with its deep link", async () => {
      const { status, headers } = await visitor.go(`${scene.base}/ask`, {
        headers: question("/orders?page=2", navigation),
        follow: false,
      });
      assert.equal(status, login === "redirect" ? 302 : 401);
      assert.equal(headers.location, "/.sallyport/login?return=%2Forders%3Fpage%3D2");
    });

    it("gets a plain 401 for a script", async () => {
      const { status, headers } = await visitor.go(`${scene.base}/ask`, {
        headers: question("/orders", { "sec-fetch-mode": "cors", accept: "*/*" }),
        follow: false,
      });
      assert.deepEqual([status, headers.location], [401, undefined]);
    });

    it("may not ask about what is the gateway's own", async () => {
      const { status } = await visitor.go(`${scene.base}/ask`, {
        headers: question("/.sallyport/login"),
        follow: false,
      });
      assert.equal(status, 404);
    });

    it("is told who is logged in, and what is left of the cookies when ours are taken away", async () => {
      scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
      await visitor.logIn(`${scene.base}/.sallyport/login`, "ada");
      const id = visitor.cookie("localhost", "__Host-sallyport-session") ?? "";
      // A session is good at the host that it was opened at, and there alone.
      for (const [host, expected] of [
        ["localhost", 200],
        ["app.example.com", 401],
      ] as const) {
        const asked = question("/asked", {
          "x-forwarded-host": host,
          cookie: `theme=dark; __Host-sallyport-session=${id}`,
          accept: "*/*",
        });
        const { status, headers } = await new Visitor(scene.gateway.ca).go(`${scene.base}/ask`, { headers: asked });
        assert.equal(status, expected, host);
        if (expected !== 200) continue;
        assert.equal(headers["x-auth-request-user"], "ada");
        assert.equal(headers["cookie"], "theme=dark");
      }
    });

    it("lets no other site open a WebSocket with somebody's cookie", async () => {
      scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
      await visitor.logIn(`${scene.base}/.sallyport/login`, "ada");
      const cookie = `__Host-sallyport-session=${visitor.cookie("localhost", "__Host-sallyport-session")}`;
      for (const [origin, expected] of [
        ["https://localhost", 200],
        ["https://evil.example", 403],
      ] as const) {
        const asked = question("/asked", {
          "x-forwarded-host": "localhost",
          "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
          origin,
          cookie,
        });
        const { status } = await new Visitor(scene.gateway.ca).go(`${scene.base}/ask`, {
          headers: asked,
          follow: false,
        });
        assert.equal(status, expected, origin);
      }
    });
  });
}
