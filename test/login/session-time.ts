import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { type LoginScene, startLoginScene } from "#test/support/login-scene.ts";

/** @param inTurn starts one thing after the other */
export function sessionTime(
  browser: () => Browser,
  inTurn: (start: () => Promise<LoginScene>) => Promise<LoginScene>,
): void {
  describe("a session's time", { concurrency: 1 }, () => {
    let scene: LoginScene;

    before(async () => {
      scene = await inTurn(() => startLoginScene({ session: "{ idle: 2s, lifetime: 6s, check: 1s }", workers: 1 }));
      scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
    });
    after(() => scene.close());

    it("is over when nothing was done for long, and however busy it was at its end", async () => {
      const context = await browser().newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      const status = async (): Promise<unknown> => page.evaluate("fetch('/app/x').then(({ status }) => status)");
      await page.goto(`${scene.base}/app/`);
      await page.click("button[value=ada]");
      await page.waitForURL(`${scene.base}/app/`);
      await sleep(2600);
      assert.equal(await status(), 401, "idle");
      await page.goto(`${scene.base}/app/`);
      await page.waitForURL(`${scene.base}/app/`);
      const began = Date.now();
      while ((await status()) === 200) {
        await sleep(300);
        assert.ok(Date.now() - began < 9000, "it never ended");
      }
      assert.ok(Date.now() - began > 4000, "it was used all the time, so it was not idle");
      await context.close();
    });
  });
}
