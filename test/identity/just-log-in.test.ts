import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = (corp: string, partner: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${corp}", audiences: ["api://test"], users: { provision: true, groups: directory } }
    partner: { issuer: "${partner}", audiences: ["api://test"], users: { required: true } }
apis:
  orders: { path: /orders, respond: { status: 200, body: orders }, policies: ./who.xml }
products:
  writers:
    apis: [orders]
    subscription: identity
    members: [{ group: writers }, 'principal.kind == "service" && principal.subject == "robot"']
  admins: { apis: [orders], subscription: either, members: { group: administrators } }
`;
const who = `<policies><outbound><base /><set-header name="X-Who" exists-action="override"><value>@(context.Product.Name + "|" + (context.User == null ? "" : context.User.Id + "|" + context.User.FirstName))</value></set-header></outbound></policies>`;

/** No key is ever handed out: who somebody is opens products, and groups decide which. */
describe("products that are entered by identity", () => {
  let gateway: TestGateway;
  let corp: TokenIssuer;
  let partner: TokenIssuer;
  before(async () => {
    [corp, partner] = await Promise.all([startIssuer(), startIssuer()]);
    gateway = await startTestGateway({
      definition: definition(corp.url, partner.url),
      files: { "who.xml": who },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await Promise.all([corp?.close(), partner?.close()]);
  });

  /** What all workers say: status, reason, and who it is. */
  async function asks(token: string): Promise<string> {
    const headers = { authorization: `Bearer ${token}` };
    const all = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/orders", { headers, fresh: true })));
    const said = all.map(({ status, text, headers: fields }) =>
      status === 200 ? `200 ${fields["x-who"]}` : `${status} ${(JSON.parse(text) as { reason: string }).reason}`,
    );
    return [...new Set(said)].join();
  }

  async function waitFor(token: string, expected: string): Promise<void> {
    for (let tries = 0; tries < 40; tries++) {
      if ((await asks(token)) === expected) return;
      await sleep(50);
    }
    assert.equal(await asks(token), expected);
  }

  async function send(what: string, body?: object): Promise<void> {
    const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const { status, text } = await askAdmin(gateway, what, body === undefined ? {} : json);
    assert.equal(status, 200, `${what}: ${text}`);
  }

  it("a login makes the user, a group opens the product, and leaving it closes it, for the same token", async () => {
    const token = await corp.token({ sub: "ann-1", name: "Ann Other", email: "ann@example.com", groups: ["writers"] });
    await waitFor(token, "403 membership-missing");
    const user = (await askAdmin(gateway, "GET /users/corp.ann-1")).json();
    assert.deepEqual([user["firstName"], user["email"], user["groups"]], ["Ann", "ann@example.com", ["developers"]]);
    await send("PUT /groups/writers", { displayName: "Writers" });
    const identities = [{ provider: "corp", id: "ann-1" }];
    await send("PUT /users/corp.ann-1", {
      email: "ann@example.com",
      firstName: "Ann",
      identities,
      groups: ["writers"],
    });
    assert.equal(await asks(token), "200 Writers|corp.ann-1|Ann".replace("Writers", "writers"));
    await send("PUT /users/corp.ann-1", {
      email: "ann@example.com",
      firstName: "Ann",
      identities,
      groups: ["administrators"],
    });
    assert.equal(await asks(token), "200 admins|corp.ann-1|Ann");
    await send("PUT /users/corp.ann-1", { email: "ann@example.com", firstName: "Ann", identities, groups: [] });
    assert.equal(await asks(token), "403 membership-missing");
  });

  it("who is blocked is refused on every worker at once, with a token that is good for longer", async () => {
    const token = await corp.token({ sub: "ben" });
    await waitFor(token, "403 membership-missing");
    await send("POST /users/corp.ben/block");
    assert.equal(await asks(token), "403 user-blocked");
    await send("POST /users/corp.ben/activate");
    assert.equal(await asks(token), "403 membership-missing");
  });

  it("a service is a member by what it is, and becomes no user", async () => {
    const token = await corp.token({ sub: "robot", client_id: "robot", azp: "robot", gty: "client-credentials" });
    assert.match(await asks(token), /^200 writers\|/);
    await sleep(200);
    assert.equal((await askAdmin(gateway, "GET /users/corp.robot")).status, 404);
  });

  it("where users are made elsewhere, whoever is none is refused", async () => {
    const token = await partner.token({ sub: "p1" });
    assert.equal(await asks(token), "403 user-unknown-here");
    const identities = [{ provider: "partner", id: "p1" }];
    await send("POST /users", { id: "p1", email: "p1@example.com", identities, groups: ["administrators"] });
    assert.equal(await asks(token), "403 membership-missing", "its groups are the token's");
    const member = await partner.token({ sub: "p1", groups: ["writers"] });
    assert.equal(await asks(member), "200 writers|p1|");
    await send("DELETE /users/p1");
    assert.equal(await asks(member), "403 user-unknown-here");
  });
});
