import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { recordSchema, type StoredEvent } from "#model/record.ts";
import { type AdminRequest, askAdmin } from "#test/support/admin.ts";
import { eventsOf } from "#test/support/events.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = (path: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  hello:
    path: ${path}
    access: public
    policies: { inbound: [base, { return-response: { body: hello } }] }
`;

/** What is done to the gateway stands in the same chain as what is asked of it, before whoever does it is answered. */
describe("events in the record", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: definition("/one"), args: ["--workers", "1"] });
  });
  after(() => gateway.cleanUp());

  const events = (): readonly StoredEvent[] => eventsOf(gateway);

  const newest = (count: number): readonly (readonly [string, Readonly<Record<string, unknown>>])[] =>
    events()
      .slice(-count)
      .map(({ event, details }) => [event, details] as const);

  /** Nothing is waited for: what was answered is on the disk. */
  async function does(what: string, request: AdminRequest, count: number): Promise<ReturnType<typeof newest>> {
    const soFar = events().length;
    const { status, headers, text } = await askAdmin(gateway, what, request);
    assert.equal(status, 200, text);
    assert.equal(events().length, soFar + count, what);
    for (const event of events().slice(-count)) {
      assert.equal(event.request, headers["x-request-id"]);
      assert.deepEqual(
        [event.principal.authMethod, event.configHash.length, event.schema],
        ["unix-socket", 64, recordSchema],
      );
    }
    return newest(count);
  }

  const json = (body: object): AdminRequest => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  it("begin with the start", () => {
    const [started] = events();
    assert.equal(started?.event, "gateway.started");
    assert.partialDeepStrictEqual(started?.details, { workers: 1, configuration: 1 });
    assert.equal(started?.principal.id, "urn:sallyport:gateway||itself");
  });

  it("tell of keys and subscriptions, and never a key", async () => {
    const made = await does("POST /subscriptions", json({ name: "team", scope: "all" }), 2);
    assert.deepEqual(made, [
      ["subscription.created", { subscription: "team", scope: "all", state: "active" }],
      ["key.created", { subscription: "team", slots: ["primary", "secondary"] }],
    ]);
    const { key } = (await askAdmin(gateway, "POST /subscriptions/team/regenerate-key")).json();
    assert.deepEqual(newest(1), [["key.regenerated", { subscription: "team", slot: "secondary" }]]);
    assert.ok(typeof key === "string" && !JSON.stringify(events()).includes(key));
    const suspended = await does("POST /subscriptions/team/suspend?comment=leak", {}, 2);
    assert.deepEqual(suspended[0], [
      "subscription.changed",
      { subscription: "team", step: "suspend", state: "suspended", comment: "leak" },
    ]);
    assert.deepEqual(suspended[1]?.[0], "key.revoked");
    const removed = await does("DELETE /subscriptions/team", {}, 2);
    assert.deepEqual(
      removed.map(([event]) => event),
      ["subscription.removed", "key.revoked"],
    );
  });

  it("tell when a subscription's time is over", async () => {
    const endsAt = new Date(Date.now() + 300).toISOString();
    await askAdmin(gateway, "POST /subscriptions", json({ name: "short", scope: "all", endsAt }));
    for (let tries = 0; events().at(-1)?.event !== "key.expired" && tries < 100; tries += 1) await sleep(50);
    assert.deepEqual(newest(2), [
      ["subscription.expired", { subscription: "short" }],
      ["key.expired", { subscription: "short" }],
    ]);
  });

  it("tell of users, groups, revocations and sessions", async () => {
    const user = { id: "ann", email: "ann@example.com" };
    const [[, written]] = (await does("POST /users", json(user), 1)) as [[string, object]];
    assert.deepEqual(written, { user: "ann", state: "active", isNew: true, source: "admin" });
    await does("POST /users/ann/block", {}, 1);
    assert.equal(events().at(-1)?.details["state"], "blocked");
    await does("PUT /groups/crew", json({ displayName: "Crew" }), 1);
    await does("DELETE /groups/crew", {}, 1);
    await does("DELETE /users/ann", {}, 1);
    const revocation = { kind: "token", id: "jti-1", reason: "stolen" };
    assert.deepEqual(await does("POST /revocations", json(revocation), 1), [["revocation.made", revocation]]);
    await does("POST /revocations/lift", json({ kind: "token", id: "jti-1" }), 1);
    const ended = await does("DELETE /sessions?provider=corp&subject=ann", {}, 1);
    assert.deepEqual(ended, [["session.ended", { provider: "corp", subject: "ann", ended: 0, why: "admin" }]]);
  });

  it("tell of configurations: who, from where, what changed, and what was refused", async () => {
    const etag = String((await askAdmin(gateway, "GET /config")).headers.etag);
    const headers = { "content-type": "application/yaml", "if-match": etag };
    const [[event, details]] = (await does(
      "PUT /config?comment=ticket-1",
      { headers, body: definition("/two") },
      1,
    )) as [[string, Record<string, unknown>]];
    assert.equal(event, "configuration.applied");
    const { hash, hashBefore, configHashBefore } = details;
    assert.notEqual(hash, hashBefore);
    assert.notEqual(configHashBefore, events().at(-1)?.configHash);
    assert.partialDeepStrictEqual(details, {
      action: "apply",
      source: "admin",
      comment: "ticket-1",
      entry: 2,
      before: 1,
      changes: ["apis.hello.path changed"],
    });
    const now = String((await askAdmin(gateway, "GET /config")).headers.etag);
    const bad = { headers: { ...headers, "if-match": now }, body: `${definition("/three")}nonsense: 1\n` };
    assert.equal((await askAdmin(gateway, "PUT /config", bad)).status, 422);
    assert.partialDeepStrictEqual(newest(1)[0]?.[1], { outcome: "invalid", problems: ["key-unknown at line 8"] });
    const [[rolled, back]] = (await does("POST /config/rollback/1", { headers: { "if-match": now } }, 1)) as [
      [string, Record<string, unknown>],
    ];
    assert.deepEqual([rolled, back["from"], back["hash"]], ["configuration.rolled-back", 1, hashBefore]);
  });

  it("tell of a file that changed on the disk", async () => {
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition("/four"));
    for (let tries = 0; events().at(-1)?.details["source"] !== "a file changed" && tries < 100; tries += 1)
      await sleep(50);
    const { event, details, principal } = events().at(-1) as StoredEvent;
    assert.deepEqual([event, details["action"]], ["configuration.applied", "reload"]);
    assert.equal(principal.id, "urn:sallyport:gateway||itself");
  });

  it("are found by id, shown by tail, and part of what verify proves", async () => {
    const { id } = events().find(({ event }) => event === "key.regenerated") as StoredEvent;
    const explained = await runCli(["explain", id, "--data", gateway.data]);
    assert.match(explained.stdout, /^Event \S+ key\.regenerated\n/);
    assert.match(explained.stdout, /^ +subscription team$/m);
    const tail = await runCli(["audit", "tail", "--last", "40", "--data", gateway.data]);
    assert.match(tail.stdout, /configuration\.rolled-back/);
    await gateway.stop();
    assert.equal(events().at(-1)?.event, "gateway.stopping");
    const verified = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.equal(verified.code, 0, verified.stdout);
  });
});
