import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "#test/support/browser.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { needsCommand } from "#test/support/require.ts";

describe("asking for access in a real browser", needsCommand("chromium"), () => {
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let browser: Browser;
  let base = "";

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    provider.people["ann"] = { name: "Ann", email: "ann@example.com", groups: ["staff"] };
    provider.people["lea"] = { name: "Lea", email: "lea@example.com", groups: ["leads"] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
approvals:
  payroll-admin: { description: Change salaries, approvers: { anyOf: [{ group: leads }] } }
apis:
  payroll:
    hosts: [localhost]
    path: /payroll
    respond: { status: 200, headers: { Content-Type: text/html }, body: "<h1>Salaries</h1>" }
    access: [{ allow: '"staff" in principal.groups', approval: payroll-admin }]
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
  });

  /** From the gateway's own page over the provider's, and back to the page that was wanted. */
  const logIn = async (who: string, path: string): Promise<Page> => {
    const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    await page.goto(base + path);
    await page.click("a.button");
    await page.click(`button[value=${who}]`);
    await page.waitForURL(base + path);
    return page;
  };

  it("goes from the one who asks to the one who decides, and opens", async () => {
    const ask = "/.sallyport/access?approval=payroll-admin";
    const ann = await logIn("ann", ask);
    const refused = await ann.request.get(`${base}/payroll`);
    assert.deepEqual(
      [refused.status(), ((await refused.json()) as Record<string, unknown>)["requestAccess"]],
      [403, ask],
    );
    await ann.goto(`${base}/payroll`);
    assert.match((await ann.textContent("small")) ?? "", /request id [0-9a-f-]{36} \(approval-required\)/);
    await ann.click("text=Ask for access");
    assert.equal(ann.url(), base + ask);
    await ann.fill("input[name=reason]", "month end");
    await ann.click("form button");
    await ann.waitForURL(`${base}/.sallyport/access`);
    assert.match((await ann.textContent("main")) ?? "", /payroll-admin is pending/);

    const lea = await logIn("lea", "/.sallyport/access/decide");
    assert.match((await lea.textContent("main")) ?? "", /Ann asks for payroll-admin for\s+60 minutes: month end/);
    await lea.fill("input[name=comment]", "fine");
    await lea.click("button[value=approve]");
    await lea.waitForSelector("text=Nothing waits for your word.");

    await ann.goto(`${base}/payroll`);
    assert.equal(await ann.textContent("h1"), "Salaries");
    await ann.goto(`${base}/.sallyport/access`);
    await ann.click("form[action$=end] button");
    await ann.waitForSelector("text=payroll-admin is revoked");
    assert.equal((await ann.request.get(`${base}/payroll`)).status(), 403);
  });
});
