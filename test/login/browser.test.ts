import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext } from "playwright-core";
import { startBrowser } from "#test/support/browser.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

describe("logging in with a real browser", needsCommand("chromium"), () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let browser: Browser;
  let base = "";

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    upstream = await startUpstream((request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(`<h1>Hello ${request.headers["x-auth-request-user"]}</h1><p id="path">${request.url}</p>`);
    });
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    provider.people["ada"] = { name: "Ada", email: "ada@example.com", groups: ["staff"] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  app: { hosts: [localhost], path: /app, backend: up, access: [{ allow: '"staff" in principal.groups' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser.close();
    await gateway.cleanUp();
    await provider.stop();
    await upstream.close();
  });

  const person = (): Promise<BrowserContext> => browser.newContext({ ignoreHTTPSErrors: true });

  it("ends at the page that was wanted, with a session that no script can read", async () => {
    const context = await person();
    const page = await context.newPage();
    await page.goto(`${base}/.sallyport/login?return=${encodeURIComponent("/app/orders?page=2&sort=up")}`);
    await page.click("button[value=ada]");
    await page.waitForURL(`${base}/app/orders?page=2&sort=up`);
    assert.equal(await page.textContent("h1"), "Hello ada");
    assert.equal(await page.evaluate("document.cookie"), "");
    const cookie = (await context.cookies(base)).find(({ name }) => name === "__Host-sallyport-session");
    assert.deepEqual([cookie?.httpOnly, cookie?.secure, cookie?.sameSite, cookie?.expires], [true, true, "Lax", -1]);
    await context.close();
  });
});
