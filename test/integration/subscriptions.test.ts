import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askAdmin, type AdminResponse } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  orders: { path: /orders, respond: { status: 200, body: orders } }
  stock: { path: /stock, respond: { status: 200, body: stock } }
  tried: { path: /tried, respond: { status: 200, body: tried }, policies: { outbound: [base, { set-header: { name: X-Product, values: ["\${product}"] } }] } }
products:
  trial: { apis: [tried], subscription: open, policies: { inbound: [base, { set-header: { name: X-A, values: [a] } }] } }
  paid: { apis: [tried], subscription: key }
  starter: { apis: [orders], subscription: key }
  whole: { apis: [stock], subscription: key }
  asked: { apis: [stock], subscription: key, approvalRequired: true, subscriptionsLimit: 1 }
subscriptions:
  team-a: { product: starter, key: { env: TEAM_A_KEY } }
`;

/** Subscriptions that are made while the gateway runs, by its admin API and its command line. */
describe("subscriptions of a running gateway", () => {
  let gateway: TestGateway;
  before(async () => {
    const env = { TEAM_A_KEY: "team-a-0123456789abcdef0123456789" };
    gateway = await startTestGateway({ definition, args: ["--workers", "2"], env });
  });
  after(() => gateway?.cleanUp());

  /** Every worker's answer, as far as fresh connections reach them. */
  async function statuses(path: string, key: string): Promise<string> {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    const all = await Promise.all(Array.from({ length: 8 }, () => call(gateway, path, { headers, fresh: true })));
    return [...new Set(all.map(({ status }) => status))].join();
  }

  function post(path: string, body?: object): Promise<AdminResponse> {
    const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return askAdmin(gateway, `POST ${path}`, body === undefined ? {} : json);
  }

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);

  it("open what they are for, on every worker, from the answer on", async () => {
    const made = await post("/subscriptions", { name: "team-b", scope: "product:starter" });
    assert.equal(made.status, 200, made.text);
    const { primaryKey, secondaryKey, ...rest } = made.json();
    assert.match(String(rest["createdAt"]), /^\d{4}-/);
    assert.deepEqual(
      { ...rest, createdAt: "" },
      {
        name: "team-b",
        scope: "product:starter",
        state: "active",
        source: "created",
        hasSecondaryKey: true,
        createdAt: "",
        displayName: null,
        owner: null,
        startedAt: rest["createdAt"],
        endsAt: null,
      },
    );
    assert.equal(await statuses("/orders", String(primaryKey)), "200");
    assert.equal(await statuses("/orders", String(secondaryKey)), "200");
    assert.equal(await statuses("/stock", String(primaryKey)), "401");

    const suspended = await post("/subscriptions/team-b/suspend");
    assert.equal(suspended.json()["state"], "suspended");
    assert.equal(await statuses("/orders", String(primaryKey)), "401");
    assert.equal((await post("/subscriptions/team-b/activate")).json()["state"], "active");
    assert.equal(await statuses("/orders", String(primaryKey)), "200");

    const fresh = (await post("/subscriptions/team-b/regenerate-key?slot=primary")).json();
    assert.equal(await statuses("/orders", String(primaryKey)), "401");
    assert.equal(await statuses("/orders", String(fresh["key"])), "200");
    assert.equal(await statuses("/orders", String(secondaryKey)), "200", "the other slot goes on");

    assert.equal((await askAdmin(gateway, "DELETE /subscriptions/team-b")).status, 200);
    assert.equal(await statuses("/orders", String(fresh["key"])), "401");
    assert.equal((await askAdmin(gateway, "GET /subscriptions/team-b")).json()["reason"], "subscription-unknown");
  });

  it("wait for approval where the product asks for it, and end when they are to", async () => {
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const body = { name: "asker", scope: "product:asked", displayName: "Asker's", endsAt: ends };
    const { primaryKey, state, endsAt } = (await post("/subscriptions", body)).json();
    assert.deepEqual([state, endsAt], ["submitted", ends]);
    assert.equal(await statuses("/stock", String(primaryKey)), "401");
    assert.equal((await post("/subscriptions/asker/suspend")).status, 409);
    const { code, stdout } = await run("subscriptions", "approve", "asker", "--comment", "ticket 42");
    assert.deepEqual([code, stdout], [0, `subscription asker is active until ${ends}\n`]);
    assert.equal(await statuses("/stock", String(primaryKey)), "200");
    const soon = new Date(Date.now() + 400).toISOString();
    assert.equal((await post(`/subscriptions/asker/extend?until=${encodeURIComponent(soon)}`)).status, 200);
    const deadline = Date.now() + 30_000;
    while ((await statuses("/stock", String(primaryKey))) !== "401") assert.ok(Date.now() < deadline, "it never ended");
    assert.equal((await askAdmin(gateway, "GET /subscriptions/asker")).json()["state"], "expired");
    assert.equal((await run("subscriptions", "extend", "asker", "--until", "2099-01-01T00:00:00Z")).code, 0);
    assert.equal(await statuses("/stock", String(primaryKey)), "200");
    assert.equal((await post("/subscriptions/asker/cancel?comment=over")).json()["state"], "cancelled");
    assert.equal(await statuses("/stock", String(primaryKey)), "401");
    assert.equal((await run("subscriptions", "approve", "asker")).code, 1);
    await askAdmin(gateway, "DELETE /subscriptions/asker");
  });

  for (const [what, body, status, reason] of [
    ["a scope that is not in the definition", { name: "x", scope: "product:none" }, 400, "malformed-request"],
    ["a scope that is none", { name: "x", scope: "products" }, 400, "malformed-request"],
    ["a name that is none", { name: "a b", scope: "all" }, 400, "malformed-request"],
    ["more than is known", { name: "x", scope: "all", key: "mine" }, 400, "malformed-request"],
    ["an end that is no time", { name: "x", scope: "all", endsAt: "soon" }, 400, "malformed-request"],
    ["an end that has been", { name: "x", scope: "all", endsAt: "2001-01-01T00:00:00Z" }, 400, "malformed-request"],
    ["a name that is taken", { name: "team-a", scope: "all" }, 409, "subscription-conflict"],
  ] as const) {
    it(`are not made with ${what}`, async () => {
      const refused = await post("/subscriptions", body);
      assert.deepEqual([refused.status, refused.json()["reason"]], [status, reason]);
    });
  }

  it("are not needed for an open product, and count where there is one", async () => {
    const open = await call(gateway, "/tried");
    assert.deepEqual([open.status, open.headers["x-product"]], [200, "trial"]);
    const { primaryKey } = (await post("/subscriptions", { name: "payer", scope: "product:paid" })).json();
    const paid = await call(gateway, "/tried", { headers: { "Ocp-Apim-Subscription-Key": String(primaryKey) } });
    assert.deepEqual([paid.status, paid.headers["x-product"]], [200, "paid"]);
    const wrong = await call(gateway, "/tried", { headers: { "Ocp-Apim-Subscription-Key": "wrong" } });
    assert.equal(wrong.status, 401);
    await askAdmin(gateway, "DELETE /subscriptions/payer");
  });

  it("of the definition are changed in the definition", async () => {
    for (const what of ["POST /subscriptions/team-a/suspend", "DELETE /subscriptions/team-a"]) {
      const refused = await askAdmin(gateway, what);
      assert.deepEqual([refused.status, refused.json()["reason"]], [409, "subscription-conflict"]);
      assert.match(String(refused.json()["detail"]), /change it there/);
    }
  });

  it("are listed page by page", async () => {
    for (const name of ["p-1", "p-2", "p-3"]) await post("/subscriptions", { name, scope: "api:stock" });
    const first = (await askAdmin(gateway, "GET /subscriptions?limit=3")).json();
    assert.deepEqual(
      (first["subscriptions"] as { name: string }[]).map(({ name }) => name),
      ["p-1", "p-2", "p-3"],
    );
    const second = (await askAdmin(gateway, `GET /subscriptions?limit=3&after=${String(first["next"])}`)).json();
    assert.deepEqual(
      (second["subscriptions"] as { name: string }[]).map(({ name }) => name),
      ["team-a"],
    );
    assert.equal(second["next"], null);
  });

  it("have a command line", async () => {
    const made = await run("subscriptions", "create", "cli", "--product", "starter");
    assert.equal(made.code, 0, made.stderr);
    const [, key = ""] =
      /^subscription cli for product:starter is active\nprimary key: +(sp_\S{43})\n/.exec(made.stdout) ?? [];
    assert.equal(await statuses("/orders", key), "200");
    const [listed, products, unclear, unknown] = await Promise.all([
      run("subscriptions", "list"),
      run("products", "list"),
      run("subscriptions", "create", "x", "--product", "starter", "--all-apis"),
      run("keys", "regenerate", "nobody"),
    ]);
    assert.match(
      listed.stdout,
      /^NAME +SCOPE +STATE +OWNER +SOURCE +CREATED +ENDS\ncli +product:starter +active +created +\d{4}-/,
    );
    assert.match(listed.stdout, /\nteam-a +product:starter +active +declared/);
    assert.match(
      products.stdout,
      /^NAME +SUBSCRIPTION +TERMS +APIS\ntrial +open +- +tried\npaid +key +- +tried\nstarter +key +- +orders\n/,
    );
    assert.deepEqual([unclear.code, unclear.stderr], [1, "give one of --product, --api and --all-apis\n"]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /there is no subscription nobody \(subscription-unknown\)/);
    const regenerated = await run("keys", "regenerate", "cli", "--slot", "primary", "--json");
    assert.equal(await statuses("/orders", (JSON.parse(regenerated.stdout) as { key: string }).key), "200");
    assert.equal((await run("subscriptions", "remove", "cli", "--yes")).stdout, "subscription cli is removed\n");

    await gateway.stop();
    const files = readdirSync(gateway.data, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    for (const file of files) {
      const text = readFileSync(join(file.parentPath, file.name), "latin1");
      assert.ok(!text.includes(key), `${file.name} holds a key`);
    }
  });
});
