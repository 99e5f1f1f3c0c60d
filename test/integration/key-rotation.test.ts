import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { eventOf } from "#test/support/events.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type ReceivedCall, startWebhookReceiver, type WebhookReceiver } from "#test/support/webhook-receiver.ts";

const day = 86_400_000;
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface ShownKey {
  readonly slot: string;
  readonly id: string;
  readonly state: string;
  readonly dueAt: string | null;
  readonly endsAt: string | null;
  readonly usedAt: string | null;
}

/** A change of keys as people make it, with a real gateway; time passes by what stands in its store. */
describe("keys that follow one another", () => {
  let receiver: WebhookReceiver;
  let gateway: TestGateway;
  let definition: string;
  const keys = { primary: "", secondary: "", fresh: "" };

  before(async () => {
    receiver = await startWebhookReceiver();
    definition = `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
announcements:
  url: https://app.test
  webhooks: { chat: { url: "${receiver.url}", secret: { env: HOOK_SECRET } } }
apis:
  orders: { path: /orders, respond: { status: 200, body: orders } }
products:
  starter: { apis: [orders], rotation: { every: 90d, grace: 14d, notice: 14d } }
  other: { apis: [orders] }
subscriptions:
  declared: { product: starter, key: { file: ./declared.key } }
`;
    gateway = await startTestGateway({
      definition,
      args: ["--workers", "1"],
      env: { HOOK_SECRET: secret },
      files: { "declared.key": "declared-0123456789abcdef" },
    });
    const body = JSON.stringify({ name: "team", scope: "product:starter" });
    const made = await askAdmin(gateway, "POST /subscriptions", {
      headers: { "content-type": "application/json" },
      body,
    });
    const { primaryKey, secondaryKey } = made.json();
    Object.assign(keys, { primary: primaryKey, secondary: secondaryKey });
  });
  after(async () => {
    await gateway?.cleanUp();
    await receiver?.close();
  });

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);
  const status = async (key: string): Promise<number> => {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    return (await call(gateway, "/orders", { headers, fresh: true })).status;
  };
  const ask = async <T>(what: string): Promise<T> => (await askAdmin(gateway, what)).json() as T;
  const shown = async (): Promise<readonly ShownKey[]> =>
    (await ask<{ readonly keys: readonly ShownKey[] }>("GET /subscriptions/team/keys")).keys;
  /** The first message of a type. */
  const told = async (type: string, subscription = "team"): Promise<Record<string, unknown>> => {
    const parse = ({ body }: ReceivedCall): Record<string, unknown> =>
      JSON.parse(String(body)) as Record<string, unknown>;
    for (let tries = 0; tries < 200; tries++) {
      const found = receiver.calls
        .map(parse)
        .filter((one) => one["type"] === type)
        .map((one) => one["data"] as Record<string, unknown>);
      const about = found.find((one) => one["subscription"] === subscription);
      if (about !== undefined) return about;
      await sleep(25);
    }
    throw new Error(`${type} did not come`);
  };
  /** Changes what the store says of times, and has the gateway look at it: with another definition it does. */
  const pass = (sql: string): void => {
    const database = new DatabaseSync(join(gateway.data, "sallyport.db"));
    database.exec(`PRAGMA busy_timeout = 5000; ${sql}`);
    database.close();
    definition += "#\n";
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition);
  };

  /** What the record says of a request by an old key. */
  const recordOf = async (oldKey: string): Promise<string> => {
    for (let tries = 0; tries < 100; tries++) {
      const folder = join(gateway.data, "audit");
      const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
      const found = lines.find((line) => line.includes(`"oldKey":"${oldKey}"`));
      if (found !== undefined) return found;
      await sleep(50);
    }
    throw new Error("no record has it");
  };

  it("has a new key at once, and the one before for its grace, whose use is known by client", async () => {
    const rotated = await run("keys", "rotate", "team", "--json");
    assert.equal(rotated.code, 0, rotated.stderr);
    const { keys: issued, oldEndAt } = JSON.parse(rotated.stdout) as {
      readonly keys: readonly { readonly slot: string; readonly key: string; readonly id: string }[];
      readonly oldEndAt: string;
    };
    assert.deepEqual([issued.length, issued[0]?.slot], [1, "secondary"]);
    keys.fresh = issued[0]?.key ?? "";
    assert.ok(Math.abs(Date.parse(oldEndAt) - Date.now() - 14 * day) < 60_000);
    assert.deepEqual(await Promise.all([keys.primary, keys.secondary, keys.fresh].map(status)), [200, 200, 200]);

    const [, fresh, old] = await shown();
    assert.deepEqual([fresh?.id, fresh?.state, old?.state, old?.endsAt], [issued[0]?.id, "young", "old", oldEndAt]);
    const event = await eventOf(gateway, "key.rotated");
    const { subscription, slot, key, before: replaced, until } = event?.details ?? {};
    assert.deepEqual([subscription, slot, key, replaced, until], ["team", "secondary", fresh?.id, old?.id, oldEndAt]);
    assert.match(String(event?.principal.id), /uid|unix|local/i);
    const message = await told("key.rotated");
    assert.deepEqual([message["key"], message["before"], message["endsAt"]], [fresh?.id, old?.id, oldEndAt]);

    const record = await recordOf(String(old?.id));
    assert.ok(record.includes('"subscription":"team"'), record);
    const { stdout: text } = await run("report", "old-keys");
    assert.match(text, new RegExp(`team +secondary +${old?.id} +${oldEndAt} +127\\.0\\.0\\.1 +\\S+ +1 +20`));
    const everything = [gateway.output(), record, JSON.stringify(receiver.calls.map(({ body }) => String(body)))];
    for (const hidden of Object.values(keys)) assert.ok(everything.every((one) => !one.includes(hidden)));
  });

  it("ends an old key before its time when somebody says so, and takes it from whoever still calls with it", async () => {
    const ended = await run("keys", "end-old", "team");
    assert.match(
      ended.stdout,
      /^new keys every 90d, told 14d before; old ones go on for 14d\nKEY .*\nprimary .*\nsecondary [^\n]*\n$/,
    );
    assert.deepEqual(await Promise.all([keys.primary, keys.secondary, keys.fresh].map(status)), [200, 401, 200]);
    const event = await eventOf(gateway, "key.ended");
    assert.deepEqual([event?.details["slot"], event?.details["why"]], ["secondary", "asked"]);
  });

  it("tells that a key is due, and has it go once there is a younger one", async () => {
    const [primary, fresh] = await shown();
    // The primary key is 91 days old, the other one 10.
    pass(
      `UPDATE key_uses SET made_at = made_at - (CASE WHEN hex(substr(digest, 1, 6)) = upper('${primary?.id}') THEN 91 ELSE 10 END) * ${day}`,
    );
    const retired = await told("key.retired");
    assert.deepEqual([retired["subscription"], retired["key"]], ["team", primary?.id]);
    assert.ok(Math.abs(Date.parse(String(retired["endsAt"])) - Date.now() - 14 * day) < 60_000);
    assert.deepEqual(await Promise.all([keys.primary, keys.fresh].map(status)), [200, 200]);
    assert.deepEqual(
      (await shown()).map(({ id, state }) => [id, state]),
      [
        [fresh?.id, "young"],
        [primary?.id, "old"],
      ],
    );
    // And then its grace is over.
    pass(`UPDATE subscription_keys SET old_until = old_until - 15 * ${day} WHERE old_until IS NOT NULL`);
    const event = await eventOf(gateway, "key.ended", ({ details }) => details["why"] === "grace");
    assert.equal(event?.details["key"], primary?.id);
    assert.deepEqual(await Promise.all([keys.primary, keys.fresh].map(status)), [401, 200]);
    assert.equal(receiver.calls.filter(({ body }) => String(body).includes('"key.retired"')).length, 1, "told once");

    // 80 days: told, reported and not yet wrong; 100: due.
    pass(`UPDATE key_uses SET made_at = made_at - 70 * ${day}`);
    const due = await told("key.due");
    assert.ok(Date.parse(String(due["dueAt"])) > Date.now());
    const report = await askAdmin(gateway, "GET /reports/keys-due");
    const rows = report.json()["keys"] as readonly Record<string, unknown>[];
    const row = rows.find(({ subscription }) => subscription === "team");
    assert.deepEqual([row?.["subscription"], row?.["isDue"], row?.["dueAt"]], ["team", false, due["dueAt"]]);
    assert.ok(await eventOf(gateway, "key.due", ({ details }) => details["key"] === fresh?.id));
  });

  it("ends an old key by the clock of a gateway that serves", async () => {
    await askAdmin(gateway, "POST /subscriptions/team/rotate-keys?slot=secondary&grace=1s");
    assert.equal(await status(keys.fresh), 200);
    for (let tries = 0; (await status(keys.fresh)) === 200; tries++) {
      assert.ok(tries < 100, "it goes on");
      await sleep(50);
    }
    assert.equal(
      (await eventOf(gateway, "key.ended", ({ details }) => details["why"] === "grace"))?.principal.id,
      "urn:sallyport:gateway||itself",
    );
  });

  it("makes all keys anew in an emergency, in one command", async () => {
    await askAdmin(gateway, "POST /subscriptions/team/rotate-keys?slot=primary");
    assert.equal((await shown()).length, 2);
    const emergency = await run("keys", "rotate", "team", "--emergency");
    assert.match(
      emergency.stdout,
      /^primary key: +sp_\S+\nsecondary key: +sp_\S+\nkeep them now: .*\nthe keys before are refused/,
    );
    const issued = [...emergency.stdout.matchAll(/sp_\S+/g)].map(([key]) => key);
    assert.deepEqual(await Promise.all(issued.map(status)), [200, 200]);
    assert.equal((await shown()).length, 2);
    const { stdout } = await run("audit", "report", "--format", "json");
    const report = JSON.parse(stdout) as { readonly keys: readonly { readonly event: string; readonly by: string }[] };
    const types = new Set(report.keys.map(({ event }) => event));
    for (const type of ["key.rotated", "key.retired", "key.due", "key.ended"]) assert.ok(types.has(type), type);
  });

  it("lets a key that the definition replaces go on too, until it is ended", async () => {
    const refused = await run("keys", "rotate", "declared", "--emergency");
    assert.match(refused.stderr, /subscription-conflict[\s\S]*definition|definition[\s\S]*subscription-conflict/);
    assert.equal(refused.code, 1);
    writeFileSync(join(gateway.folder, "declared.key"), "declared-fedcba9876543210");
    for (let tries = 0; (await status("declared-fedcba9876543210")) !== 200; tries++) {
      assert.ok(tries < 200, "the new key is not taken");
      await sleep(50);
    }
    assert.equal(await status("declared-0123456789abcdef"), 200);
    assert.equal((await askAdmin(gateway, "POST /subscriptions/declared/end-old-keys")).status, 200);
    assert.equal(await status("declared-0123456789abcdef"), 401);
  });

  it("makes one new key for each subscription that needs one by its schedule, in one command", async () => {
    pass(`UPDATE key_uses SET made_at = made_at - 95 * ${day}`);
    for (let tries = 0; (await ask<{ keys: unknown[] }>("GET /reports/keys-due")).keys.length < 3; tries++) {
      assert.ok(tries < 100, "both keys of team, and the declared one");
      await sleep(50);
    }
    const once = JSON.parse((await run("keys", "rotate", "--due", "--json")).stdout) as {
      readonly rotated: readonly { readonly name: string; readonly keys: readonly { readonly key: string }[] }[];
    };
    assert.deepEqual(
      once.rotated.map(({ name, keys: issued }) => [name, issued.length]),
      [["team", 1]],
    );
    assert.equal(await status(once.rotated[0]?.keys[0]?.key ?? ""), 200);
    assert.equal((await run("keys", "rotate", "--due")).stdout, "none is due\n", "and none the second time");
    assert.equal((await run("keys", "rotate")).code, 2);
  });

  it("refuses what cannot be", async () => {
    const unknown = await run("keys", "status", "nobody");
    assert.deepEqual([unknown.code, /no subscription nobody/.test(unknown.stderr)], [1, true], unknown.stderr);
    assert.equal((await askAdmin(gateway, "POST /subscriptions/team/rotate-keys?grace=366d")).status, 400);
    assert.equal((await askAdmin(gateway, "POST /subscriptions/team/rotate-keys?slot=third")).status, 400);
    assert.equal((await run("keys", "rotate", "team", "--grace", "1d", "--emergency")).code, 2);
  });
});
