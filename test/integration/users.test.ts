import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askAdmin, type AdminResponse } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  orders: { path: /orders, respond: { status: 200, body: orders } }
  who:
    path: /who
    respond: { status: 200, body: who }
    policies: ./who.xml
  kept: { path: /kept, respond: { status: 200, body: kept }, policies: ./kept.xml }
products:
  starter: { apis: [orders, who, kept], groups: [developers] }
  special: { apis: [orders, kept], groups: [partners] }
  hidden: { apis: [orders] }
subscriptions:
  mine: { product: starter, key: { env: MINE }, owner: ann }
`;
const whoPolicy = `<policies><outbound><base /><set-header name="X-Who" exists-action="override"><value>@(context.User == null ? "nobody" : context.User.FirstName + "|" + string.Join(",", context.User.Groups.Select(g => g.Name)) + "|" + context.Subscription.Name + "|" + context.Subscription.EndDate.HasValue)</value></set-header></outbound></policies>`;
const keptPolicy = `<policies><inbound><base /><cache-lookup vary-by-developer="false" vary-by-developer-groups="true" allow-private-response-caching="true" /></inbound><outbound><base /><set-body>@(string.Join(",", context.User.Groups.Select(g => g.Name)))</set-body><cache-store duration="60" /></outbound></policies>`;
const declaredKey = "0123456789abcdef0123456789";

/** Users and groups by the admin API and the command line, and what follows for keys. */
describe("users of a running gateway", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({
      definition,
      files: { "who.xml": whoPolicy, "kept.xml": keptPolicy },
      args: ["--workers", "2"],
      env: { MINE: declaredKey },
    });
  });
  after(() => gateway?.cleanUp());

  function send(what: string, body?: object): Promise<AdminResponse> {
    const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return askAdmin(gateway, what, body === undefined ? {} : json);
  }

  async function statuses(key: string): Promise<string> {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    const all = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/orders", { headers, fresh: true })));
    return [...new Set(all.map(({ status }) => status))].join();
  }

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);

  it("are refused with every key while they are blocked, on every worker", async () => {
    assert.equal(await statuses(declaredKey), "200", "an owner may be declared before there is such a user");
    const made = await send("POST /users", { id: "ann", email: "ann@example.com", firstName: "Ann" });
    assert.equal(made.status, 200, made.text);
    assert.deepEqual([made.json()["groups"], made.json()["state"]], [["developers"], "active"]);
    const own = { name: "ann-1", scope: "product:starter", owner: "ann" };
    const { primaryKey } = (await send("POST /subscriptions", own)).json();
    assert.equal(await statuses(String(primaryKey)), "200");
    assert.equal((await run("users", "block", "ann")).stdout, "user ann is blocked\n");
    assert.deepEqual([await statuses(String(primaryKey)), await statuses(declaredKey)], ["401", "401"]);
    assert.equal((await send("POST /subscriptions", { ...own, name: "ann-2" })).status, 400);
    assert.equal((await send("POST /users/ann/activate")).status, 200);
    assert.deepEqual([await statuses(String(primaryKey)), await statuses(declaredKey)], ["200", "200"]);
    const kept = await send("DELETE /users/ann");
    assert.deepEqual([kept.status, kept.json()["reason"]], [409, "user-conflict"]);
  });

  it("are seen by policies as they are now, on every worker", async () => {
    const headers = { "Ocp-Apim-Subscription-Key": declaredKey };
    const seen = async (): Promise<string> => {
      const all = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/who", { headers, fresh: true })));
      return [...new Set(all.map((one) => String(one.headers["x-who"])))].join();
    };
    assert.equal(await seen(), "Ann|Developers|mine|False");
    await send("PUT /groups/writers", { displayName: "Writers & co" });
    await send("PUT /users/ann", { email: "ann@example.com", firstName: "Anna", groups: ["writers"] });
    assert.equal(await seen(), "Anna|Writers & co|mine|False");
    assert.equal((await send("DELETE /groups/writers")).status, 200);
    assert.equal(await seen(), "Anna||mine|False");
  });

  it("subscribe to products of their groups only", async () => {
    const subscribe = (name: string, product: string, owner: string): Promise<AdminResponse> =>
      send("POST /subscriptions", { name, scope: `product:${product}`, owner });
    assert.equal((await run("groups", "create", "partners", "--display-name", "Partners")).code, 0);
    assert.equal((await run("users", "create", "bob", "--email", "bob@example.com", "--group", "partners")).code, 0);
    const root = { email: "root@example.com", groups: ["administrators"] };
    assert.equal((await send("PUT /users/root", root)).status, 200);
    const all = [
      await subscribe("b-1", "special", "bob"),
      await subscribe("b-2", "starter", "bob"),
      await subscribe("b-3", "hidden", "bob"),
      await subscribe("b-4", "special", "nobody"),
      await subscribe("r-1", "hidden", "root"),
    ];
    assert.deepEqual(
      all.map(({ status }) => status),
      [200, 400, 400, 400, 200],
    );
    const kept = async (key: string): Promise<string> =>
      (await call(gateway, "/kept", { headers: { "Ocp-Apim-Subscription-Key": key } })).text;
    const key = String(all[0]?.json()["primaryKey"]);
    await send("PUT /users/ann", { email: "ann@example.com", groups: ["developers"] });
    const seen = [await kept(declaredKey), await kept(key), await kept(declaredKey)];
    assert.deepEqual(seen, ["Developers", "Partners", "Developers"], "an answer for one group is not another's");
    assert.match(String(all[1]?.json()["detail"]), /is for developers, and bob is in partners/);
    const groups = await run("groups", "list");
    assert.match(groups.stdout, /^NAME +BUILT IN +DISPLAY NAME\nadministrators +yes +Administrators\n/);
    assert.equal((await send("DELETE /groups/guests")).status, 409);
    assert.equal((await run("groups", "remove", "partners")).code, 0);
    assert.deepEqual((await send("GET /users/bob")).json()["groups"], []);
  });

  it("come from a file that an import has written, again and again", async () => {
    const file = join(gateway.folder, "users.json");
    const users = [
      { id: "cleo", email: "cleo@example.com", groups: ["staff"], registeredAt: "2017-06-18T08:15:30.300Z" },
    ];
    writeFileSync(file, JSON.stringify({ groups: [{ name: "staff", displayName: "Staff", description: "" }], users }));
    for (const _ of [1, 2])
      assert.equal((await run("users", "import", file)).stdout, "1 users and 1 groups are there\n");
    const { registeredAt, groups } = (await send("GET /users/cleo")).json();
    assert.deepEqual([registeredAt, groups], ["2017-06-18T08:15:30.300Z", ["staff"]]);
    assert.match((await run("users", "list")).stdout, /cleo +cleo@example.com +active +staff\n/);
    assert.equal((await run("users", "update", "cleo", "--group", "developers", "--note", "moved")).code, 0);
    const moved = (await send("GET /users/cleo")).json();
    assert.deepEqual([moved["email"], moved["groups"], moved["note"]], ["cleo@example.com", ["developers"], "moved"]);
    assert.equal((await run("users", "update", "nobody", "--note", "x")).code, 1);
    writeFileSync(file, '{"users": "secret"}');
    const refused = await run("users", "import", file);
    assert.deepEqual([refused.code, refused.stderr.includes("secret")], [1, false]);
  });

  for (const [what, body, status] of [
    ["no address", { id: "x" }, 400],
    ["an address that is none", { id: "x", email: "x" }, 400],
    ["an id that is none", { id: "a b", email: "x@example.com" }, 400],
    ["a state that is none", { id: "x", email: "x@example.com", state: "deleted" }, 400],
    ["more than is known", { id: "x", email: "x@example.com", role: "root" }, 400],
    ["an inherited name", { id: "x", email: "x@example.com", constructor: "a" }, 400],
    ["a group that is unknown", { id: "x", email: "x@example.com", groups: ["gone"] }, 409],
    ["an address that is taken", { id: "x", email: "CLEO@example.com" }, 409],
  ] as const) {
    it(`are not made with ${what}`, async () => {
      const refused = await send("POST /users", body);
      assert.equal(refused.status, status, refused.text);
      assert.equal((await send("GET /users/x")).json()["reason"], "user-unknown");
    });
  }
});
