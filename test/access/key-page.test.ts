import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Reply, send } from "#test/forward-auth/setting.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { eventOf } from "#test/support/events.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const here = "/.sallyport/keys";

describe("the page of one's own keys", () => {
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  const tokens = new Map<string, string>();

  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  orders: { hosts: [app.test], path: /orders, respond: { status: 204 } }
products:
  starter: { apis: [orders], groups: [developers], rotation: 90d }
subscriptions:
  declared: { product: starter, key: { env: DECLARED_KEY }, owner: ann }
`,
      args: ["--workers", "1"],
      env: { DECLARED_KEY: "declared-0123456789abcdef" },
    });
    for (const sub of ["ann", "eve", "bob", "nobody"]) tokens.set(sub, await issuer.token({ sub }));
    tokens.set("agent", await issuer.token({ sub: "ann", act: { sub: "bot" } }));
    const json = (body: object) => ({ headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    for (const id of ["ann", "eve", "bob"]) {
      const user = { email: `${id}@example.com`, groups: ["developers"], identities: [{ provider: "corp", id }] };
      const made = await askAdmin(gateway, `PUT /users/${id}`, json(user));
      assert.equal(made.status, 200, made.text);
    }
    for (const [name, owner] of Object.entries({ team: "ann", hers: "eve" })) {
      const subscription = { name, scope: "product:starter", owner };
      assert.equal((await askAdmin(gateway, "POST /subscriptions", json(subscription))).status, 200);
    }
  });
  after(async () => {
    await gateway?.cleanUp();
    await issuer?.close();
  });

  const fieldsOf = (who: string): readonly string[] => [
    "Accept",
    "text/html",
    "Authorization",
    `Bearer ${tokens.get(who)}`,
  ];
  const visit = (who: string): Promise<Reply> => send(gateway.port, here, fieldsOf(who));
  const post = (who: string, form: Record<string, string>, ...more: readonly string[]): Promise<Reply> =>
    send(gateway.port, here, [...fieldsOf(who), "Content-Type", "application/x-www-form-urlencoded", ...more], {
      method: "POST",
      body: new URLSearchParams(form).toString(),
    });
  const status = async (key: string): Promise<number> =>
    (await send(gateway.port, "/orders", ["Ocp-Apim-Subscription-Key", key])).status;
  /** The hidden fields of the page's first form. */
  const formOf = ({ text }: Reply): Record<string, string> => {
    const field = (name: string): string => new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(text)?.[1] ?? "";
    return { token: field("token"), subscription: field("subscription"), before: field("before") };
  };

  it("shows their own subscriptions to users, no key, and nothing to others", async () => {
    assert.equal((await send(gateway.port, here, ["Accept", "text/html"])).status, 401);
    const page = await visit("ann");
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /<h2>declared<\/h2>[\s\S]*changed by those who run the gateway[\s\S]*<h2>team<\/h2>/);
    assert.match(page.text, /<strong>primary<\/strong> [0-9a-f]{12}[\s\S]*due 20/);
    assert.doesNotMatch(page.text, /sp_|declared-0123|<script/);
    assert.equal(page.headers["cache-control"], "no-store");
    assert.match((await visit("bob")).text, /No subscription belongs to you/);
    assert.equal((await visit("nobody")).status, 403);
    assert.equal((await visit("agent")).status, 403, "an agent is shown none");
  });

  it("makes a new key, shows it once, and has the one before go on", async () => {
    const form = { ...formOf(await visit("ann")), slot: "secondary" };
    const made = await post("ann", form);
    assert.equal(made.status, 200, made.text);
    assert.equal(made.headers["cache-control"], "no-store");
    const [key = ""] = /sp_[\w-]{43}/.exec(made.text) ?? [];
    assert.equal(await status(key), 204);
    assert.match((await visit("ann")).text, /replaced, ends 20/);
    const event = await eventOf(gateway, "key.rotated");
    assert.deepEqual([event?.principal.subject, event?.details["subscription"]], ["ann", "team"]);
    const again = await post("ann", form);
    assert.equal(again.status, 409, "a form that is sent twice makes no second key");
    assert.ok(!gateway.output().includes(key));
    const emergency = await post("ann", { ...formOf(await visit("ann")), emergency: "true" });
    const issued = [...emergency.text.matchAll(/sp_[\w-]{43}/g)].map(([one]) => one);
    assert.equal(issued.length, 2, emergency.text);
    assert.deepEqual(await Promise.all([key, ...issued].map(status)), [401, 204, 204]);
  });

  it("changes nothing for anybody else", async () => {
    const form = { ...formOf(await visit("ann")), slot: "primary" };
    const mine = await askAdmin(gateway, "GET /subscriptions/team/keys");
    const others = [
      post("eve", form),
      post("ann", { ...form, token: "x" }),
      post("ann", form, "Origin", "https://evil.test"),
      post("ann", { ...form, subscription: "declared" }),
      post("ann", { ...form, slot: "third" }),
      post("agent", form),
    ];
    assert.deepEqual(
      (await Promise.all(others)).map((reply) => reply.status),
      [403, 403, 403, 409, 400, 403],
    );
    const evesToken = formOf(await visit("eve"))["token"] ?? "";
    assert.equal((await post("eve", { ...form, token: evesToken })).status, 404, "another's is not there for her");
    await askAdmin(gateway, "POST /users/ann/block");
    assert.equal((await visit("ann")).status, 403);
    assert.equal((await post("ann", form)).status, 403);
    await askAdmin(gateway, "POST /users/ann/activate");
    assert.equal((await askAdmin(gateway, "GET /subscriptions/team/keys")).text, mine.text);
  });
});
