import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { askAdmin } from "#test/support/admin.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { Visitor } from "#test/support/visitor.ts";

const pages = ["auth", "userinfo", "session", "access", "access/decide"] as const;

describe("whoever is not let in any more keeps none of the gateway's own pages", () => {
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let issuer: TokenIssuer;
  let base = "";

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    issuer = await startIssuer();
    for (const name of ["ada", "bob", "cid", "dan"]) provider.people[name] = { name, groups: ["leads"] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp:
      issuer: "${provider.issuer}"
      clientId: gateway
      clientSecret: { env: CORP_SECRET }
      login: true
      users: { required: true, groups: directory }
    tokens: { issuer: "${issuer.url}", audiences: ["api://test"], users: { required: true, groups: directory } }
approvals: { payroll: { approvers: { anyOf: [{ group: leads }] } } }
apis:
  app: { hosts: [localhost], path: /app, respond: { status: 204 }, access: [{ allow: principal.authenticated }] }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
    await change("PUT /groups/leads", { displayName: "leads" });
  });
  after(async () => {
    await gateway.cleanUp();
    await provider.stop();
    await issuer.close();
  });

  async function change(what: string, body?: object): Promise<void> {
    const headers = { "content-type": "application/json" };
    const { status, text } = await askAdmin(
      gateway,
      what,
      body === undefined ? {} : { headers, body: JSON.stringify(body) },
    );
    assert.equal(status, 200, text);
  }

  const makeUser = (name: string, groups: readonly string[]): Promise<void> =>
    change("POST /users", {
      id: name,
      email: `${name}@example.com`,
      groups,
      identities: ["corp", "tokens"].map((one) => ({ provider: one, id: name })),
    });

  async function loggedIn(name: string): Promise<Visitor> {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, name);
    return visitor;
  }

  /** What each page says: a status, and why. */
  async function said(visitor: Visitor, headers: Record<string, string> = {}): Promise<readonly string[]> {
    const answers = await Promise.all(pages.map((page) => visitor.go(`${base}/.sallyport/${page}`, { headers })));
    return answers.map(({ status, text }) => {
      const reason = /"reason":\s*"([^"]+)"/.exec(text)?.[1];
      return reason === undefined ? String(status) : `${status} ${reason}`;
    });
  }

  it("when their principal is revoked, and again when that is lifted", async () => {
    await makeUser("ada", []);
    const visitor = await loggedIn("ada");
    assert.deepEqual(await said(visitor), ["202", "200", "200", "200", "200"]);
    const ada = { kind: "principal", id: `${provider.issuer}||ada` };
    await change("POST /revocations", ada);
    assert.deepEqual(await said(visitor), Array(5).fill("403 principal-revoked"));
    await change("POST /revocations/lift", ada);
    assert.deepEqual(await said(visitor), ["202", "200", "200", "200", "200"]);
  });

  it("when they are blocked, or are no user where that is asked for", async () => {
    await makeUser("bob", []);
    const visitor = await loggedIn("bob");
    await change("POST /users/bob/block");
    assert.deepEqual(await said(visitor), Array(5).fill("403 user-blocked"));
    await makeUser("dan", []);
    const other = await loggedIn("dan");
    await change("DELETE /users/dan");
    assert.deepEqual(await said(other), Array(5).fill("403 user-unknown-here"));
    const [again, nobody] = [new Visitor(gateway.ca), new Visitor(gateway.ca)];
    assert.match((await again.logIn(`${base}/.sallyport/login`, "bob")).text, /user-blocked/);
    assert.match((await nobody.logIn(`${base}/.sallyport/login`, "dan")).text, /user-unknown-here/);
    assert.ok([again, nobody].every((one) => one.cookie("localhost", "__Host-sallyport-session") === undefined));
  });

  it("nor do their tokens", async () => {
    await makeUser("eve", []);
    const asked = async (sub: string): Promise<readonly string[]> => {
      const headers = { authorization: `Bearer ${await issuer.token({ sub })}` };
      return (await said(new Visitor(gateway.ca), headers)).filter((_, at) => pages[at] !== "auth" && at !== 2);
    };
    assert.deepEqual(await asked("eve"), ["200", "200", "200"]);
    await change("POST /users/eve/block");
    assert.deepEqual(await asked("eve"), Array(3).fill("403 user-blocked"));
    assert.deepEqual(await asked("nobody"), Array(3).fill("403 user-unknown-here"));
  });

  it("and they have the groups of the directory, by a session and by a token", async () => {
    await makeUser("cid", ["developers"]);
    const visitor = await loggedIn("cid");
    const token = { authorization: `Bearer ${await issuer.token({ sub: "cid", groups: ["leads"] })}` };
    const groups = async (headers: Record<string, string>): Promise<unknown> => {
      const one = headers["authorization"] === undefined ? visitor : new Visitor(gateway.ca);
      const { text } = await one.go(`${base}/.sallyport/userinfo`, { headers });
      return (JSON.parse(text) as { groups: unknown }).groups;
    };
    assert.deepEqual([await groups({}), await groups(token)], [["developers"], ["developers"]]);
    await change("PUT /users/cid", {
      email: "cid@example.com",
      groups: ["leads"],
      identities: ["corp", "tokens"].map((one) => ({ provider: one, id: "cid" })),
    });
    assert.deepEqual([await groups({}), await groups(token)], [["leads"], ["leads"]]);
  });
});
