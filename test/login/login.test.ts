import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventOf } from "#test/support/events.ts";
import { freePorts } from "#test/support/free-port.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { navigation, Visitor } from "#test/support/visitor.ts";

const session = "__Host-sallyport-session";

describe("logging in", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let base = "";

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    upstream = await startUpstream();
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    provider.people["ada"] = { name: "Ada", email: "ada@example.com", groups: ["staff", "admins"] };
    provider.people["bob"] = { name: "Bob", groups: [] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  app: { hosts: [localhost], path: /app, backend: up, access: [{ allow: '"staff" in principal.groups' }] }
  open: { hosts: [localhost], path: /open, backend: up, access: public }
  tiny: { hosts: [localhost], path: /tiny, bodySize: 1B, backend: up, access: public, policies: { on-error: [{ set-header: { name: X-Cookies, values: ['\${request.headers[?"cookie"].orValue("none")}'] } }] } }
  tools: { hosts: [localhost], path: /tools, login: false, backend: up, access: [{ allow: 'principal.kind == "user"' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await provider.stop();
    await upstream.close();
  });

  it("leads a browser to the provider and back to where it wanted to go, and tells the application who it is", async () => {
    const visitor = new Visitor(gateway.ca);
    const back = await visitor.logIn(`${base}/.sallyport/login?return=%2Fapp%2Forders%3Fpage%3D2`, "ada");
    assert.equal(back.status, 200, `${back.text}\n${gateway.output()}`);
    assert.equal(back.url, `${base}/app/orders?page=2`);
    const seen = upstream.seen.at(-1);
    assert.equal(seen?.headers["x-auth-request-user"], "ada");
    assert.equal(seen?.headers["x-auth-request-email"], "ada@example.com");
    assert.equal(seen?.headers["x-auth-request-groups"], "staff,admins");
    const event = await eventOf(gateway, "login.succeeded");
    assert.partialDeepStrictEqual(event?.details, { provider: "corp", subject: "ada" });
    assert.equal(event?.principal.subject, "ada");
  });

  it("shows a person a page where they may not go, and tells a program", async () => {
    const visitor = new Visitor(gateway.ca);
    const page = await visitor.logIn(`${base}/.sallyport/login?return=/app`, "bob");
    assert.deepEqual([page.status, page.headers["content-type"]], [403, "text/html; charset=utf-8"]);
    assert.ok(page.text.includes(`request id ${String(page.headers["x-request-id"])} (access-denied)`), page.text);
    assert.match(String(page.headers["content-security-policy"]), /frame-ancestors 'none'/);
    for (const headers of [{ "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }, { "x-requested-with": "fetch" }]) {
      const told = await visitor.go(`${base}/app`, { headers: { accept: "text/html", ...headers } });
      assert.deepEqual([told.status, told.headers["content-type"]], [403, "application/problem+json"]);
    }
  });

  it("keeps the session in a cookie of its own host, which no script and no upstream sees", async () => {
    const visitor = new Visitor(gateway.ca);
    const page = await visitor.go(`${base}/.sallyport/login?return=/app`, { follow: false });
    const [field = ""] = page.setCookies;
    for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"])
      assert.ok(field.includes(attribute), field);
    assert.ok(!/domain=/i.test(field));
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    const id = visitor.cookie("localhost", session) ?? "";
    assert.match(id, /^[\w-]{64}$/);
    await visitor.go(`${base}/app`, { headers: { cookie: "" } });
    const { status } = await visitor.go(`${base}/app/with-cookies`, {});
    assert.equal(status, 200);
    assert.ok(!gateway.output().includes(id));
    assert.equal(upstream.seen.at(-1)?.headers.cookie, undefined, "both were ours");
  });

  it("lets the application's own cookies through, and ours not, whatever the access", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login`, "ada");
    visitor.jar.get("localhost")?.set("theme", "dark");
    await visitor.go(`${base}/open/x`);
    assert.equal(upstream.seen.at(-1)?.headers.cookie, "theme=dark");
    // Refused before anybody asks who it is.
    const options = { method: "POST", body: "too much", headers: { origin: base } };
    const refused = await visitor.go(`${base}/tiny/x`, options);
    assert.deepEqual([refused.status, refused.headers["x-cookies"]], [413, "theme=dark"]);
  });

  it("gives each login another session, and ends the one before", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    const first = visitor.cookie("localhost", session) ?? "";
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    const second = visitor.cookie("localhost", session) ?? "";
    assert.notEqual(first, second);
    const old = new Visitor(gateway.ca);
    old.jar.set("localhost", new Map([[session, first]]));
    assert.equal((await old.go(`${base}/app`)).status, 401);
    assert.equal((await visitor.go(`${base}/app`)).status, 200);
  });

  it("serves several logins in one browser at a time", async () => {
    const visitor = new Visitor(gateway.ca);
    const names = ["one", "two", "three", "four"];
    // At once, so that none knows of the others' cookies.
    const tabs = await Promise.all(
      names.map((name) => visitor.go(`${base}/.sallyport/login?return=/app/${name}`, { follow: false })),
    );
    for (const [at, tab] of tabs.entries()) {
      const back = await visitor.logIn(String(tab.headers.location), "ada");
      assert.deepEqual([back.status, back.url], [200, `${base}/app/${names[at]}`], back.text);
    }
    for (let more = 0; more < 20; more += 1) await visitor.go(`${base}/.sallyport/login`, { follow: false });
    const cookies = [...(visitor.jar.get("localhost")?.keys() ?? [])];
    assert.ok(cookies.length <= 5, cookies.join());
  });

  it("never leads to another host", async () => {
    for (const trick of [
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "/.sallyport/logout",
      "/%09/evil.example",
    ]) {
      const visitor = new Visitor(gateway.ca);
      const back = await visitor.logIn(`${base}/.sallyport/login?return=${encodeURIComponent(trick)}`, "ada");
      assert.equal(new URL(back.url).host, new URL(base).host, trick);
      assert.ok(!back.url.includes(".sallyport"), trick);
    }
  });

  it("refuses a code that another browser has begun to fetch", async () => {
    const [attacker, victim] = [new Visitor(gateway.ca), new Visitor(gateway.ca)];
    const begun = await attacker.go(`${base}/.sallyport/login`, { follow: false });
    const page = await attacker.go(String(begun.headers.location));
    const form = { "content-type": "application/x-www-form-urlencoded" };
    let step = await attacker.go(page.url, { method: "POST", body: "who=bob", headers: form, follow: false });
    while (!String(step.headers.location).startsWith(base))
      step = await attacker.go(new URL(String(step.headers.location), step.url).href, { follow: false });
    const link = String(step.headers.location);
    assert.match((await victim.go(link, { headers: navigation })).text, /Who are you/, "it begins a login of its own");
    const [own = ""] = [...(victim.jar.get("localhost")?.keys() ?? [])];
    assert.match(own, /^__Host-sallyport-login-/);
    assert.match((await victim.go(link, { headers: navigation })).text, /Who are you/);
    assert.equal(victim.cookie("localhost", session), undefined);
    const other = link.replace(/iss=[^&]*/, `iss=${encodeURIComponent("https://evil.example")}`);
    assert.notEqual(other, link, "the provider says its issuer");
    assert.equal((await attacker.go(other, { follow: false })).status, 403);
    assert.equal((await attacker.go(link, { follow: false })).status, 303, "in its own browser it is good");
    assert.equal((await attacker.go(link, { follow: false })).status, 403, "and good once");
  });

  it("does not go round in circles in a browser that keeps no cookies", async () => {
    const visitor = new Visitor(gateway.ca);
    let visit = await visitor.go(`${base}/.sallyport/login?return=/app`, { follow: false });
    const kept = new Map(visitor.jar);
    for (let steps = 0; visit.headers.location !== undefined && steps < 12; steps += 1) {
      visitor.jar.delete("localhost");
      visit = await visitor.go(new URL(visit.headers.location, visit.url).href, { follow: false, headers: navigation });
      if (visit.text.includes("Who are you?")) {
        const form = { "content-type": "application/x-www-form-urlencoded", ...navigation };
        visit = await visitor.go(visit.url, { method: "POST", body: "who=ada", headers: form, follow: false });
      }
    }
    assert.ok(kept.size > 0);
    assert.equal(visit.status, 400);
    assert.match(visit.text, /begun in another browser/);
  });

  it("shows a page that a person understands when the provider says no", async () => {
    const visitor = new Visitor(gateway.ca);
    const begun = await visitor.go(`${base}/.sallyport/login?return=/app`, { follow: false });
    const state = new URL(String(begun.headers.location)).searchParams.get("state") ?? "";
    const query = new URLSearchParams({
      error: "access_denied",
      error_description: "<b>secret words</b>",
      state,
      iss: provider.issuer,
    });
    const { status, text, headers } = await visitor.go(`${base}/.sallyport/callback?${query}`, { headers: navigation });
    assert.equal(status, 403);
    assert.match(text, /The login did not succeed/);
    assert.ok(text.includes(String(headers["x-request-id"])));
    assert.ok(!text.includes("secret words") && !/at .*\.ts/.test(text));
    const isThis = ({ request }: { readonly request?: string }): boolean => request === headers["x-request-id"];
    const event = await eventOf(gateway, "login.failed", isThis);
    assert.deepEqual(event?.details, { provider: "corp", reason: "login-failed", client: "127.0.0.1" });
  });

  it("takes a session for nobody where an API is for programs", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login`, "ada");
    assert.equal((await visitor.go(`${base}/tools/x`)).status, 401);
  });

  it("lets a token go before the cookie", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login`, "ada");
    assert.equal((await visitor.go(`${base}/app`, { headers: { authorization: "Bearer x.y.z" } })).status, 401);
  });

  it("refuses what another site has a browser send", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login`, "ada");
    const post = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await visitor.go(`${base}/app`, { method: "POST", headers, body: "" })).status;
    assert.equal(await post({ "sec-fetch-site": "cross-site", origin: "https://evil.example" }), 403);
    assert.equal(await post({ "sec-fetch-site": "same-site", origin: "https://other.localhost" }), 403);
    assert.equal(await post({ origin: "https://evil.example" }), 403);
    assert.equal(await post({ origin: "null" }), 403);
    assert.equal(await post({}), 403);
    assert.equal(await post({ "sec-fetch-site": "same-origin", origin: base }), 200);
    assert.equal(await post({ origin: base }), 200);
    const upgrade = {
      connection: "upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      origin: "https://evil.example",
    };
    assert.equal((await visitor.go(`${base}/app`, { headers: upgrade })).status, 403);
  });

  it("tells pages of the application who is logged in, and how long", async () => {
    const visitor = new Visitor(gateway.ca);
    assert.equal((await visitor.go(`${base}/.sallyport/userinfo`)).status, 401);
    await visitor.logIn(`${base}/.sallyport/login`, "ada");
    const who = JSON.parse((await visitor.go(`${base}/.sallyport/userinfo`)).text) as Record<string, unknown>;
    assert.deepEqual([who["subject"], who["name"], who["groups"]], ["ada", "Ada", ["staff", "admins"]]);
    const lasts = JSON.parse((await visitor.go(`${base}/.sallyport/session`)).text) as Record<string, string>;
    const hours = (Date.parse(lasts["until"] ?? "") - Date.parse(lasts["since"] ?? "")) / 3_600_000;
    assert.equal(hours, 12);
    const auth = await visitor.go(`${base}/.sallyport/auth`);
    assert.deepEqual([auth.status, auth.headers["x-auth-request-user"]], [202, "ada"]);
  });

  it("refuses a person who was revoked on the gateway's own pages too, and lets them in no more", async () => {
    provider.people["mal"] = { name: "Mal", groups: ["staff"] };
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "mal");
    assert.equal((await visitor.go(`${base}/.sallyport/auth`)).status, 202);
    const revoked = await runCli(["revoke", "principal", `${provider.issuer}||mal`, "--data", gateway.data]);
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.equal((await visitor.go(`${base}/.sallyport/auth`)).status, 403);
    assert.ok((await visitor.go(`${base}/app`)).status >= 401);
    const again = await new Visitor(gateway.ca).logIn(`${base}/.sallyport/login?return=/app`, "mal");
    assert.deepEqual([again.status, /principal-revoked/.test(again.text)], [403, true]);
  });

  it("knows its sessions after a restart", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    assert.equal(await gateway.stop(), 0);
    gateway = await startTestGateway({
      definition: readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8"),
      folder: gateway.folder,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
    assert.equal((await visitor.go(`${base}/app`)).status, 200, gateway.output());
  });

  it("keeps tokens sealed, and leaves neither them nor a cookie in store, record or log", async () => {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    const id = visitor.cookie("localhost", session) ?? "";
    await visitor.go(`${base}/app`);
    await gateway.stop();
    for (const name of readdirSync(gateway.data, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const text = readFileSync(join(name.parentPath, name.name), "latin1");
      assert.ok(!text.includes(id), name.name);
      assert.ok(!/access_?token"?:|refreshToken"|eyJ[\w-]{20,}\./i.test(text), name.name);
      assert.ok(!text.includes(provider.clientSecret), name.name);
    }
    assert.ok(!gateway.output().includes(id) && !gateway.output().includes(provider.clientSecret));
  });
});
