import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { eventOf } from "#test/support/events.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const token = "scim-token-0123456789abcdef0123456789abcdef";
const definition = (issuer: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, trustedProxies: [127.0.0.1] }
identity:
  providers:
    corp:
      issuer: "${issuer}"
      audiences: ["api://test"]
      users: { required: true, groups: directory }
      scim: { token: { env: SCIM_TOKEN } }
    other: { issuer: "https://other.example/", audiences: [x], scim: { token: { env: OTHER_TOKEN }, subject: userName } }
apis:
  orders: { path: /orders, respond: { status: 200, body: orders } }
products:
  staff: { apis: [orders], subscription: identity, members: { group: Order-Writers } }
`;

const userSchemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
const groupSchemas = ["urn:ietf:params:scim:schemas:core:2.0:Group"];
const patchSchemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

/** In the shapes that Entra ID and Okta send, as their documents show them. */
describe("users and groups by SCIM", () => {
  let gateway: TestGateway;
  let issuer: TokenIssuer;
  before(async () => {
    issuer = await startIssuer();
    gateway = await startTestGateway({
      definition: definition(issuer.url),
      args: ["--workers", "2"],
      env: { SCIM_TOKEN: token, OTHER_TOKEN: `${token}-of-the-other` },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await issuer?.close();
  });

  async function scim(
    what: string,
    body?: object,
    options: { token?: string; provider?: string } = {},
  ): Promise<Answer> {
    const [method = "", path = ""] = what.replaceAll('"', "%22").split(/ (.*)/s);
    const { token: shown = token, provider = "corp" } = options;
    const headers = { authorization: `Bearer ${shown}`, "content-type": "application/scim+json" };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await call(gateway, `/.sallyport/scim/${provider}/v2${path}`, {
      method,
      headers,
      fresh: true,
      ...sent,
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: answer.text === "" ? {} : (JSON.parse(answer.text) as Record<string, unknown>),
    };
  }

  /** What every worker says to the holder of a token. */
  async function asks(bearer: string): Promise<string> {
    const headers = { authorization: `Bearer ${bearer}` };
    const all = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/orders", { headers, fresh: true })));
    const said = all.map(({ status, text }) =>
      status === 200 ? "200" : `${status} ${(JSON.parse(text) as { reason: string }).reason}`,
    );
    return [...new Set(said)].join();
  }

  const list = (body: Record<string, unknown>): Record<string, unknown>[] =>
    body["Resources"] as Record<string, unknown>[];

  it("a provider makes a user and a group, puts one into the other, and the person's token opens the product", async () => {
    const bearer = await issuer.token({ sub: "58342554-38d6-4ec8-948c-50044d0a33fd" });
    assert.equal(await asks(bearer), "403 user-unknown-here");
    const asked = await scim('GET /Users?filter=userName+eq+"ann@example.com"');
    assert.deepEqual([asked.status, asked.body["totalResults"]], [200, 0]);
    const made = await scim("POST /Users", {
      schemas: userSchemas,
      externalId: "58342554-38d6-4ec8-948c-50044d0a33fd",
      userName: "ann@example.com",
      active: true,
      displayName: "Ann Other",
      emails: [{ primary: true, type: "work", value: "ann@example.com" }],
      meta: { resourceType: "User" },
      name: { formatted: "Ann Other", familyName: "Other", givenName: "Ann" },
      roles: [],
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const event = await eventOf(gateway, "user.written");
    assert.partialDeepStrictEqual(event?.details, {
      user: made.body["id"],
      state: "active",
      isNew: true,
      source: "scim corp",
    });
    assert.equal(event?.principal.id, "urn:sallyport:scim||corp");
    const { id, meta } = made.body as { id: string; meta: { location: string } };
    assert.equal(made.headers["location"], meta.location);
    assert.match(meta.location, new RegExp(`/\\.sallyport/scim/corp/v2/Users/${id}$`));
    assert.equal(await asks(bearer), "403 membership-missing");

    const group = await scim("POST /Groups", {
      schemas: groupSchemas,
      externalId: "8aa1",
      displayName: "Order Writers",
    });
    assert.deepEqual([group.status, group.body["id"], group.body["members"]], [201, "Order-Writers", []]);
    const path = `/Groups/${String(group.body["id"])}`;
    const joined = await scim(`PATCH ${path}`, {
      schemas: patchSchemas,
      Operations: [{ op: "Add", path: "members", value: [{ value: id }] }],
    });
    assert.equal(joined.status, 200);
    assert.equal(await asks(bearer), "200");

    const found = await scim(
      'GET /Users?filter=externalId eq "58342554-38d6-4ec8-948c-50044d0a33fd"'.replaceAll(" eq ", "+eq+"),
    );
    assert.deepEqual(
      list(found.body).flatMap((user) => (user["groups"] as { value: string }[]).map(({ value }) => value)),
      ["Order-Writers", "developers"],
    );

    const left = await scim(`PATCH ${path}`, {
      schemas: patchSchemas,
      Operations: [{ op: "Remove", path: `members[value eq "${id}"]` }],
    });
    assert.equal(left.status, 200);
    assert.equal(await asks(bearer), "403 membership-missing", "the same token, a moment later");

    const off = await scim(`PATCH /Users/${id}`, {
      schemas: patchSchemas,
      Operations: [{ op: "Replace", path: "active", value: "False" }],
    });
    assert.deepEqual([off.status, off.body["active"]], [200, false]);
    assert.equal(await asks(bearer), "403 user-blocked");
    await scim(`PATCH /Users/${id}`, {
      schemas: patchSchemas,
      Operations: [{ op: "replace", value: { active: true } }],
    });
    assert.equal(await asks(bearer), "403 membership-missing");

    assert.equal((await scim(`DELETE /Users/${id}`)).status, 204);
    assert.equal((await scim(`GET /Users/${id}`)).status, 404);
    assert.equal(await asks(bearer), "403 user-blocked", "a token that is good for longer makes nobody");
    const again = await scim("POST /Users", {
      schemas: userSchemas,
      externalId: "58342554-38d6-4ec8-948c-50044d0a33fd",
      userName: "ann@example.com",
    });
    assert.deepEqual([again.status, again.body["id"]], [201, id], "who comes back is the same");
    assert.equal(await asks(bearer), "403 membership-missing");
  });

  it("a provider takes back its own block alone, and never an operator's", async () => {
    const bearer = await issuer.token({ sub: "kept-out" });
    const kim = { schemas: userSchemas, externalId: "kept-out", userName: "kim@example.com" };
    const id = String((await scim("POST /Users", kim)).body["id"]);
    const patch = (value: object): Promise<Answer> =>
      scim(`PATCH /Users/${id}`, { schemas: patchSchemas, Operations: [{ op: "replace", value }] });
    const isKeptOut = async (what: string): Promise<void> => assert.equal(await asks(bearer), "403 user-blocked", what);
    await askAdmin(gateway, `POST /users/${id}/block`);
    assert.equal((await scim(`PUT /Users/${id}`, kim)).body["active"], false, "a routine update");
    await isKeptOut("PUT without active");
    await scim(`PUT /Users/${id}`, { ...kim, active: true });
    await isKeptOut("PUT with active");
    await patch({ active: false });
    await patch({ active: true });
    await isKeptOut("off and on again");
    await scim(`DELETE /Users/${id}`);
    assert.equal((await scim("POST /Users", kim)).status, 201);
    await isKeptOut("deleted and made again");
    await askAdmin(gateway, `POST /users/${id}/activate`);
    assert.equal(await asks(bearer), "403 membership-missing");
    await patch({ active: false });
    await askAdmin(gateway, `POST /users/${id}/block`);
    await patch({ active: true });
    await isKeptOut("an operator has blocked who was blocked already");
    await patch({ active: false });
    assert.equal((await askAdmin(gateway, `POST /users/${id}/activate`)).json()["state"], "blocked");
    await isKeptOut("deactivated by the provider meanwhile");
    await askAdmin(gateway, `POST /users/${id}/activate`);
    assert.equal(await asks(bearer), "403 membership-missing", "overruled");

    const elsewhere = { token: `${token}-of-the-other`, provider: "other" };
    const { email, groups } = (await askAdmin(gateway, `GET /users/${id}`)).json();
    const identities = [
      { provider: "corp", id: "kept-out" },
      { provider: "other", id: "kim" },
    ];
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ email, groups, identities });
    assert.equal((await askAdmin(gateway, `PUT /users/${id}`, { headers, body })).status, 200);
    const there = await scim("POST /Users", { schemas: userSchemas, userName: "kim" }, elsewhere);
    assert.deepEqual([there.status, there.body["id"]], [201, id]);
    await patch({ active: false });
    await scim(`PUT /Users/${id}`, { schemas: userSchemas, userName: "kim", active: true }, elsewhere);
    await isKeptOut("another provider's block");
    const renamed = [{ op: "replace", value: { displayName: "Kim Other" } }];
    await scim(`PATCH /Users/${id}`, { schemas: patchSchemas, Operations: renamed }, elsewhere);
    await patch({ active: true });
    assert.equal(await asks(bearer), "403 membership-missing", "a change of name is no block");
  });

  it("users and groups are replaced, listed page by page, and looked for", async () => {
    for (const name of ["bea", "carl", "dora"]) {
      await scim("POST /Users", {
        schemas: userSchemas,
        externalId: `x-${name}`,
        userName: `${name}@example.com`,
        name: { givenName: name },
      });
    }
    const first = await scim("GET /Users?startIndex=1&count=2");
    const second = await scim("GET /Users?startIndex=3&count=2");
    const total = Number(first.body["totalResults"]);
    assert.ok(total >= 3);
    assert.deepEqual([list(first.body).length, list(second.body).length], [2, Math.min(2, total - 2)]);
    const looked = await scim('GET /Users?filter=name.givenName+sw+"CA"+and+active+eq+true');
    assert.deepEqual(
      list(looked.body).map((user) => user["userName"]),
      ["carl@example.com"],
    );
    const [carl] = list(looked.body);
    const replaced = await scim(`PUT /Users/${String(carl?.["id"])}`, {
      schemas: userSchemas,
      externalId: "x-carl",
      userName: "charles@example.com",
      name: { givenName: "Charles", familyName: "B" },
      emails: [{ value: "charles@example.com" }],
    });
    assert.deepEqual(
      [replaced.status, replaced.body["userName"], replaced.body["displayName"]],
      [200, "charles@example.com", "Charles B"],
    );
    const ids = list((await scim('GET /Users?filter=userName+co+"@example.com"')).body).map((user) => user["id"]);
    const group = await scim("POST /Groups", {
      schemas: groupSchemas,
      displayName: "All",
      members: ids.map((value) => ({ value })),
    });
    assert.equal((group.body["members"] as object[]).length, ids.length);
    const short = await scim("GET /Groups/All?excludedAttributes=members");
    assert.equal(short.body["members"], undefined);
    const fewer = await scim("PUT /Groups/All", {
      schemas: groupSchemas,
      displayName: "Everybody",
      members: [{ value: ids[0] }],
    });
    assert.deepEqual(
      [(fewer.body["members"] as object[]).length, fewer.body["displayName"], fewer.body["id"]],
      [1, "Everybody", "All"],
    );
    assert.equal(list((await scim('GET /Groups?filter=displayName+eq+"everybody"')).body).length, 1);
    assert.equal((await scim("DELETE /Groups/All")).status, 204);
    assert.equal((await scim("GET /Groups/All")).status, 404);
  });

  it("a provider reaches its own people alone, and no group that is not its own", async () => {
    const own = await scim("POST /Users", { schemas: userSchemas, externalId: "mine", userName: "mine" });
    const elsewhere = { token: `${token}-of-the-other`, provider: "other" };
    assert.equal((await scim(`GET /Users/${String(own.body["id"])}`, undefined, elsewhere)).status, 404);
    assert.equal((await scim(`DELETE /Users/${String(own.body["id"])}`, undefined, elsewhere)).status, 404);
    const members = [{ value: String(own.body["id"]) }];
    assert.equal((await scim("POST /Groups", { displayName: "Thieves", members }, elsewhere)).status, 400);
    const admins = await scim("POST /Groups", { schemas: groupSchemas, displayName: "administrators" });
    assert.equal(admins.body["id"], "corp.administrators", "never the group that may do everything");
    assert.equal(
      (await scim("PATCH /Groups/administrators", { Operations: [{ op: "add", path: "members", value: members }] }))
        .status,
      404,
    );
  });

  it("whoever shows no token of the provider learns nothing", async () => {
    const answers = await Promise.all([
      scim("GET /Users", undefined, { token: "wrong" }),
      scim("GET /Users", undefined, { token: `${token}-of-the-other` }),
      scim("GET /Users", undefined, { provider: "nobody" }),
      scim("GET /ServiceProviderConfig", undefined, { token: "" }),
    ]);
    for (const { status, headers, body } of answers) {
      assert.deepEqual([status, headers["www-authenticate"], body["status"]], [401, "Bearer", "401"]);
    }
  });

  it("names resources by what the client speaks to a proxy in front", async () => {
    const headers = { authorization: `Bearer ${token}`, "x-forwarded-proto": "http" };
    const page = await call(gateway, "/.sallyport/scim/corp/v2/Users?count=1", { headers, fresh: true });
    const { Resources: found } = JSON.parse(page.text) as { Resources: { meta: { location: string } }[] };
    assert.match(found[0]?.meta.location ?? "", /^http:\/\/localhost:\d+\/\.sallyport\/scim\/corp\/v2\/Users\//);
  });

  it("says what it can do, and what was wrong with a call", async () => {
    const configuration = (await scim("GET /ServiceProviderConfig")).body as { patch: { supported: boolean } };
    assert.equal(configuration.patch.supported, true);
    assert.deepEqual(
      list((await scim("GET /ResourceTypes")).body).map((one) => one["id"]),
      ["User", "Group"],
    );
    assert.equal((await scim(`GET /Schemas/${userSchemas[0]}`)).body["name"], "User");
    const name = { schemas: userSchemas, externalId: "twice", userName: "twice" };
    await scim("POST /Users", name);
    const cases: readonly (readonly [
      what: string,
      body: object | undefined,
      status: number,
      scimType: string | undefined,
    ])[] = [
      ["POST /Users", name, 409, "uniqueness"],
      ["POST /Users", { ...name, userName: "other" }, 409, "uniqueness"],
      ["POST /Users", { externalId: "x" }, 400, "invalidValue"],
      ["POST /Users", { userName: "without" }, 400, "invalidValue"],
      ["POST /Groups", { displayName: "g", members: [{ value: "nobody" }] }, 400, "invalidValue"],
      ["GET /Users?filter=userName", undefined, 400, "invalidFilter"],
      ["GET /Users/%E0%A4", undefined, 400, undefined],
      ["GET /Users/nobody", undefined, 404, undefined],
      ["GET /Things", undefined, 404, undefined],
      ["PUT /Users", {}, 405, undefined],
      ["PATCH /Users/corp.twice", { Operations: [{ op: "jump" }] }, 400, "invalidSyntax"],
    ];
    for (const [what, body, status, scimType] of cases) {
      const answer = await scim(what, body);
      assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
      if (scimType !== undefined) assert.equal(answer.body["scimType"], scimType, what);
    }
  });
});
