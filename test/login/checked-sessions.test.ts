import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { SessionTrace } from "#audit/read/session-trace.ts";
import { runCli } from "#test/support/gateway.ts";
import { type LoginScene, startLoginScene } from "#test/support/login-scene.ts";
import { eventOf } from "#test/support/events.ts";
import { Visitor } from "#test/support/visitor.ts";

describe("a session that its provider is asked about", () => {
  let scene: LoginScene;

  before(async () => {
    scene = await startLoginScene({ session: "{ check: 1s }" });
    scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
  });
  after(() => scene.close());

  it("leaves no refresh token at the provider when somebody logs out", async () => {
    scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
    const visitor = new Visitor(scene.gateway.ca);
    await visitor.logIn(`${scene.base}/.sallyport/login?return=/app`, "ada");
    const { status } = await visitor.go(`${scene.base}/.sallyport/logout`, {
      method: "POST",
      headers: { origin: scene.base },
      follow: false,
    });
    assert.equal(status, 303);
    for (let turns = 0; turns < 30 && scene.provider.revoked.length === 0; turns += 1) await sleep(100);
    assert.equal(scene.provider.revoked.length, 1);
    const event = await eventOf(scene.gateway, "session.ended");
    assert.partialDeepStrictEqual(event?.details, { provider: "corp", subject: "ada", why: "logout" });
    assert.equal(event?.principal.subject, "ada");
    const traced = await runCli([
      "audit",
      "session",
      String(event?.details["session"]),
      "--json",
      "--data",
      scene.gateway.data,
    ]);
    const { events, tokens, unused } = JSON.parse(traced.stdout) as SessionTrace;
    assert.deepEqual(
      events.map((one) => one.event).filter((name) => name !== "session.refreshed"),
      ["login.succeeded", "session.ended"],
    );
    assert.deepEqual([tokens[0]?.digest, tokens[0]?.unlinked], [null, false], "the cookie");
    assert.match(unused[0] ?? "", /^[\w-]{43}$/, "the access token, which nobody has shown here");
  });

  it("ends when its claims grow beyond what a login takes", async () => {
    const visitor = new Visitor(scene.gateway.ca);
    assert.equal((await visitor.logIn(`${scene.base}/.sallyport/login?return=/app`, "ada")).status, 200);
    scene.provider.people["ada"] = { name: "A".repeat(70_000), groups: ["staff"] };
    let status = 200;
    for (let turns = 0; turns < 60 && status !== 401; turns += 1) {
      await sleep(100);
      ({ status } = await visitor.go(`${scene.base}/app`, { follow: false }));
    }
    assert.equal(status, 401);
    assert.match(scene.gateway.output(), /its claims are too large/);
  });
});

describe("a session whose provider says no at a refresh", () => {
  let scene: LoginScene;

  before(async () => {
    scene = await startLoginScene({ session: "{ check: 1s }", provider: { groupsInToken: true } });
    scene.provider.people["ada"] = { name: "Ada", groups: ["staff"] };
  });
  after(() => scene.close());

  /** What comes while the provider says so; the last one. */
  const statusWhile = async (status: number, error: string, ms: number): Promise<number> => {
    scene.provider.says = null;
    const visitor = new Visitor(scene.gateway.ca);
    assert.equal((await visitor.logIn(`${scene.base}/.sallyport/login?return=/app`, "ada")).status, 200);
    scene.provider.says = { status, error };
    const until = performance.now() + ms;
    let last = 200;
    while (performance.now() < until && last === 200) {
      await sleep(100);
      last = (await visitor.go(`${scene.base}/app`, { follow: false })).status;
    }
    return last;
  };

  it("ends, whatever the word for it", async () => {
    for (const error of ["access_denied", "interaction_required"])
      assert.equal(await statusWhile(400, error, 5000), 401, error);
  });

  it("goes on when it says that it cannot answer, or does not know this gateway for a while", async () => {
    assert.equal(await statusWhile(503, "temporarily_unavailable", 2500), 200);
    assert.equal(await statusWhile(401, "invalid_client", 2500), 200);
    assert.match(scene.gateway.output(), /could not be asked.*invalid_client/);
  });

  it("goes on without waiting again and again for one that does not answer, and follows it when it does", async () => {
    scene.provider.says = null;
    const visitor = new Visitor(scene.gateway.ca);
    assert.equal((await visitor.logIn(`${scene.base}/.sallyport/login?return=/app`, "ada")).status, 200);
    scene.provider.hangs = true;
    const until = performance.now() + 9000;
    let waited = 0;
    while (performance.now() < until) {
      const at = performance.now();
      assert.equal((await visitor.go(`${scene.base}/app`, { follow: false })).status, 200);
      if (performance.now() - at > 1000) waited += 1;
      await sleep(50);
    }
    assert.ok(waited <= 1, "nobody knows it the first time");
    scene.provider.hangs = false;
    scene.provider.people["ada"] = { name: "Ada", groups: [] };
    let last = 200;
    for (let tries = 0; tries < 60 && last === 200; tries += 1) {
      last = (await visitor.go(`${scene.base}/app`, { follow: false })).status;
      await sleep(100);
    }
    assert.equal(last, 403);
  });
});
