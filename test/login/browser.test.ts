import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { behindProxies } from "./behind-proxies.ts";
import { sessionTime } from "./session-time.ts";
import { startBrowser } from "#test/support/browser.ts";
import { type LoginScene, startLoginScene } from "#test/support/login-scene.ts";
import { needsCommand } from "#test/support/require.ts";

const session = "__Host-sallyport-session";
const ada = { name: "Ada", email: "ada@example.com", groups: ["staff", "admins"] };

let browser: Browser;
let started: Promise<unknown> = Promise.resolve();

/** Gateways that start at the same time on two cores are late, all of them. */
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const next = started.then(start);
  started = next.catch(() => {});
  return next;
}

/** One browser for all of it; most of what takes time is waiting, and the scenes have nothing in common. */
describe("with a real browser", { ...needsCommand("chromium"), concurrency: 3 }, () => {
  before(async () => void (browser = await startBrowser()));
  after(() => browser.close());

  loggingIn();
  sessionTime(() => browser, inTurn);
  behindProxies(() => browser, inTurn);
});

function loggingIn(): void {
  describe("logging in", { concurrency: 1 }, () => {
    let scene: LoginScene;
    /** Logged in at the beginning, and looked at again when its access token is over. */
    let patient: { readonly page: Page; readonly context: BrowserContext; readonly since: number };

    before(async () => {
      scene = await inTurn(() =>
        startLoginScene({
          session: "{ check: 1s }",
          login: "{ scopes: [openid, profile, email, offline_access], prompt: consent }",
          provider: { accessTokenTtl: 6 },
          second: true,
        }),
      );
      Object.assign(scene.provider.people, { ada, pam: { name: "Pam", groups: ["staff"] } });
    });
    after(() => scene.close());

    const open = async (): Promise<{ context: BrowserContext; page: Page }> => {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      return { context, page: await context.newPage() };
    };

    const logIn = async (page: Page, path: string, provider = "corp", who = "ada"): Promise<void> => {
      await page.goto(`${scene.base}${path}`);
      await page.click(`a[href*="provider=${provider}"]`);
      await page.click(`button[value=${who}]`);
      await page.waitForURL(`${scene.base}${path}`);
    };

    const groups = async (page: Page): Promise<string> => (await page.textContent("#groups")) ?? "";

    it("begins a session that is looked at again later", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/", "corp", "pam");
      patient = { context, page, since: Date.now() };
    });

    it("leads from a deep link to the login and back to it, query and all, with a session that no script can read", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/orders?page=2&sort=up");
      assert.equal(await page.textContent("h1"), "Hello ada");
      assert.equal(await page.textContent("#cookie"), "undefined", "no cookie of ours reaches the application");
      assert.equal(await page.evaluate("document.cookie"), "");
      const cookie = (await context.cookies(scene.base)).find(({ name }) => name === session);
      assert.deepEqual([cookie?.httpOnly, cookie?.secure, cookie?.sameSite, cookie?.expires], [true, true, "Lax", -1]);
      await context.close();
    });

    it("never leads a script away: it gets 401 and where to log in", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/");
      await context.clearCookies();
      const answer = await page.evaluate(async () => {
        const response = await fetch("/app/data", { headers: { accept: "text/html" } });
        return { status: response.status, link: response.headers.get("link"), body: await response.json() };
      });
      assert.deepEqual([answer.status, answer.link], [401, '</.sallyport/login>; rel="login"']);
      assert.equal((answer.body as Record<string, unknown>)["login"], "/.sallyport/login");
      await context.close();
    });

    it("serves two providers side by side", async () => {
      scene.partner.people["zoe"] = { name: "Zoe", groups: ["staff"] };
      const [one, two] = [await open(), await open()];
      await logIn(one.page, "/app/one");
      await logIn(two.page, "/app/two", "partner", "zoe");
      assert.equal(await one.page.textContent("h1"), "Hello ada");
      assert.equal(await two.page.textContent("h1"), "Hello zoe");
      await one.context.close();
      await two.context.close();
    });

    it("takes a group away from a live session, and gives it back", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/");
      assert.equal(await groups(page), "staff,admins");
      scene.provider.people["ada"] = { ...ada, groups: ["staff"] };
      await until(async () => (await page.reload(), (await groups(page)) === "staff"), 3000);
      scene.provider.people["ada"] = { ...ada, groups: [] };
      await until(async () => (await page.reload())?.status() === 403, 3000);
      scene.provider.people["ada"] = ada;
      await until(async () => (await page.reload())?.status() === 200, 3000);
      await context.close();
    });

    it("goes on beyond the life of an access token, with tokens that are had anew", async () => {
      const { context, page, since } = patient;
      await sleep(Math.max(0, since + 7000 - Date.now()));
      const isHad = (): boolean => scene.provider.refreshed.includes("pam");
      await until(async () => {
        assert.equal((await page.reload())?.status(), 200);
        return isHad();
      }, 3000);
      await context.close();
    });

    it("goes on while the provider is down; who comes anew gets a page that says so", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/");
      scene.provider.down = true;
      // Longer than it may have been asked before.
      await sleep(1500);
      assert.equal((await page.reload())?.status(), 200);
      const other = await open();
      await until(async () => {
        // As long as the gateway has not noticed, the way leads to the provider, where nobody is.
        await other.page.goto(`${scene.base}/.sallyport/login?provider=corp`).catch(() => {});
        return /cannot be reached.*request id/s.test((await other.page.textContent("body")) ?? "");
      }, 8000);
      assert.equal(await other.page.locator("a.button").count(), 1, "and a way to try again");
      scene.provider.down = false;
      await until(async () => {
        await other.page.goto(`${scene.base}/.sallyport/login?provider=corp`);
        return (await other.page.locator("button[value=ada]").count()) === 1;
      }, 5000);
      await other.context.close();
      await context.close();
    });

    it("logs out here and at the provider", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/");
      await page.goto(`${scene.base}/.sallyport/logout`);
      await page.click("button");
      await page.waitForURL(/\/session\/end/);
      await page.click("button[value=yes]");
      await page.waitForURL(`${scene.base}/.sallyport/logged-out*`);
      assert.match((await page.textContent("h1")) ?? "", /Logged out/);
      assert.equal(
        (await context.cookies(scene.base)).some(({ name }) => name === session),
        false,
      );
      await page.goto(`${scene.base}/app/`);
      assert.match(page.url(), /\.sallyport\/login/);
      await context.close();
    });

    it("ends within a second when the provider says so, open streams and WebSockets too", async () => {
      const { context, page } = await open();
      await logIn(page, "/app/");
      const sid = scene.provider.lastSid;
      await page.evaluate(() => {
        const state = { stream: "open", socket: "open" };
        Object.assign(globalThis, { state });
        const reading = fetch("/app/events").then((response) => response.text());
        reading.then(
          () => (state.stream = "ended"),
          () => (state.stream = "ended"),
        );
        const socket = new WebSocket(
          `wss://${(globalThis as unknown as { location: { host: string } }).location.host}/app/socket`,
        );
        socket.addEventListener("close", () => (state.socket = "closed"));
        return new Promise((resolve) => socket.addEventListener("open", resolve));
      });
      assert.deepEqual(await page.evaluate("globalThis.state"), { stream: "open", socket: "open" });
      await scene.provider.sendLogout("ada", sid);
      const told = Date.now();
      await until(async () => {
        const state = (await page.evaluate("globalThis.state")) as { stream: string; socket: string };
        return state.stream === "ended" && state.socket === "closed";
      }, 1000);
      assert.ok(Date.now() - told < 1000);
      // Fresh connections, so that every worker is asked.
      for (let tries = 0; tries < 6; tries += 1) {
        const { status } = (await page.evaluate("fetch('/app/x').then(({ status }) => ({ status }))")) as {
          status: number;
        };
        assert.equal(status, 401);
      }
      await context.close();
    });

    it("ends the session of a person who was removed", async () => {
      scene.provider.people["eve"] = { name: "Eve", groups: ["staff"] };
      const { context, page } = await open();
      await logIn(page, "/app/", "corp", "eve");
      delete scene.provider.people["eve"];
      await until(async () => {
        const { status } = (await page.evaluate("fetch('/app/x').then(({ status }) => ({ status }))")) as {
          status: number;
        };
        return status === 401;
      }, 3000);
      await context.close();
    });
  });
}

async function until(check: () => Promise<boolean>, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (!(await check())) {
    assert.ok(Date.now() < end, "it did not come true in time");
    await sleep(50);
  }
}
