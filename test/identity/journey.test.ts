import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { type PeopleProvider, startPeopleProvider } from "#test/cli-login/people-provider.ts";
import { startBrowser } from "#test/support/browser.ts";
import { call } from "#test/support/client.ts";
import { type CliResult, cli, runCli, spawnCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const audience = "api://orders";
const scimToken = "scim-token-0123456789abcdef0123456789abcdef";

/** The whole way of somebody new: the provider makes her a member of a group, she logs in with a browser, and calls. */
describe("from the browser to curl, without a key", needsCommand("chromium"), () => {
  let provider: PeopleProvider;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let browser: Browser;
  let state: string;
  before(async () => {
    state = mkdtempSync(join(tmpdir(), "sallyport-state-"));
    provider = await startPeopleProvider(audience);
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.end(`orders for ${request.headers["x-auth-request-user"]}`);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity:
  providers:
    corp:
      issuer: "${provider.issuer}"
      audiences: ["${audience}"]
      users: { required: true, groups: directory }
      scim: { token: { env: SCIM_TOKEN } }
  cli: { provider: corp, clientId: cli, scopes: [openid, email, orders.read, offline_access], resource: "${audience}", prompt: consent }
apis:
  orders: { path: /orders, backend: up }
backends: { up: { url: "${upstream.url}" } }
products:
  staff: { apis: [orders], subscription: identity, members: { group: Order-Team } }
`,
      args: ["--workers", "2"],
      env: { SCIM_TOKEN: scimToken },
    });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await gateway?.cleanUp();
    await Promise.all([provider?.close(), upstream?.close()]);
    rmSync(state, { recursive: true, force: true });
  });

  const run = (...args: readonly string[]): Promise<CliResult> => runCli(args, { XDG_STATE_HOME: state });

  async function scim(method: string, path: string, body: object): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${scimToken}`, "content-type": "application/scim+json" };
    const options = { method, headers, body: JSON.stringify(body), fresh: true };
    const { status, text } = await call(gateway, `/.sallyport/scim/corp/v2${path}`, options);
    assert.ok(status === 200 || status === 201, `${method} ${path}: ${status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** `sallyport login`, with the pages clicked through by a person's browser. */
  async function logIn(who: string): Promise<void> {
    const child = spawnCli(cli, ["login", gateway.url, "--ca", join(gateway.data, "ca", "root.crt"), "--no-browser"], {
      XDG_STATE_HOME: state,
    });
    const page = await (await browser.newContext()).newPage();
    await page.goto(await addressShown(child));
    await page.fill("input[name=login]", who);
    await page.fill("input[name=password]", "anything");
    await page.click("button[type=submit]");
    await page.click("button[type=submit]");
    await page.waitForSelector("text=You are logged in");
    while (child.exitCode === null) await sleep(25);
    assert.equal(child.exitCode, 0);
    await page.context().close();
  }

  async function addressShown(child: ChildProcess): Promise<string> {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => void (said += String(chunk)));
    for (let tries = 0; tries < 400; tries++) {
      const address = /go to\n(\S+)\n/.exec(said)?.[1];
      if (address !== undefined) return address;
      await sleep(25);
    }
    throw new Error(`no address: ${said}`);
  }

  const orders = async (): Promise<string> => (await run("curl", "/orders", "-s")).stdout;
  const reason = async (): Promise<unknown> => (JSON.parse(await orders()) as { reason: string }).reason;

  it("a new member of a group calls the API, and stops when she is a member no more", async () => {
    await logIn("nora");
    assert.equal(await reason(), "user-unknown-here", "logged in at the provider, assigned to nothing");

    const user = await scim("POST", "/Users", { externalId: "nora", userName: "nora@example.com" });
    const group = await scim("POST", "/Groups", { displayName: "Order Team" });
    assert.equal(await reason(), "membership-missing");

    const members = [{ value: user["id"] }];
    const change = (op: "add" | "remove"): Promise<unknown> =>
      scim("PATCH", `/Groups/${String(group["id"])}`, { Operations: [{ op, path: "members", value: members }] });
    await change("add");
    assert.equal(await orders(), "orders for nora");
    await change("remove");
    assert.equal(await reason(), "membership-missing");
    await change("add");
    await scim("PATCH", `/Users/${String(user["id"])}`, {
      Operations: [{ op: "replace", path: "active", value: false }],
    });
    assert.equal(await reason(), "user-blocked");

    assert.deepEqual(upstream.seen.length, 1, "nothing else went through");
    assert.doesNotMatch(readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8"), /subscriptions:|key:/);
  });
});
