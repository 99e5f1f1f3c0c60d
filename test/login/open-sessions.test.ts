import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { askAdmin } from "#test/support/admin.ts";
import { freePorts } from "#test/support/free-port.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { Visitor } from "#test/support/visitor.ts";

/** Whoever runs the gateway sees who is logged in, and ends it. */
describe("sessions of people who have logged in", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let provider: IdentityProvider;
  let base = "";

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    upstream = await startUpstream();
    provider = await new IdentityProvider({ gateway: base, ca: () => gateway.ca }).start();
    for (const name of ["ada", "bob"]) provider.people[name] = { name, groups: ["staff"] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${provider.issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  app: { hosts: [localhost], path: /app, backend: up, access: [{ allow: '"staff" in principal.groups' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: provider.clientSecret },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await provider?.stop();
    await upstream?.close();
  });

  const run = (...args: string[]): Promise<CliResult> => runCli(["sessions", ...args, "--data", gateway.data]);

  async function loggedIn(who: string): Promise<Visitor> {
    const visitor = new Visitor(gateway.ca);
    await visitor.logIn(`${base}/.sallyport/login?return=/app`, who);
    return visitor;
  }

  /** On connections of their own, so that both workers are asked. */
  async function statuses(visitor: Visitor): Promise<string> {
    const all = await Promise.all(Array.from({ length: 8 }, () => visitor.go(`${base}/app`, { follow: false })));
    return [...new Set(all.map(({ status }) => status))].join();
  }

  it("are listed without what opens them, and ended one by one or all of a person", async () => {
    const [first, second, other] = [await loggedIn("ada"), await loggedIn("ada"), await loggedIn("bob")];
    assert.deepEqual([await statuses(first), await statuses(second), await statuses(other)], ["200", "200", "200"]);
    const listed = await askAdmin(gateway, "GET /sessions");
    const { sessions } = listed.json() as {
      sessions: { handle: string; subject: string; provider: string; host: string }[];
    };
    assert.deepEqual(sessions.map(({ subject }) => subject).toSorted(), ["ada", "ada", "bob"]);
    assert.deepEqual([sessions[0]?.provider, sessions[0]?.host], ["corp", "localhost"]);
    const cookie = first.cookie("localhost", "__Host-sallyport-session") ?? "";
    assert.ok(cookie !== "" && !listed.text.includes(cookie));
    assert.match((await run("list")).stdout, /^SESSION +PROVIDER +SUBJECT +HOST +LAST USED\n(.*\n){3}$/);

    const bob = sessions.find(({ subject }) => subject === "bob");
    const ended = await run("end", String(bob?.handle));
    assert.deepEqual([ended.code, ended.stdout], [0, "1 session has ended\n"], ended.stderr);
    assert.deepEqual([await statuses(other), await statuses(first)], ["401", "200"]);
    const all = await run("end", "--provider", "corp", "--subject", "ada");
    assert.equal(all.stdout, "2 sessions have ended\n");
    assert.deepEqual([await statuses(first), await statuses(second)], ["401", "401"]);
    assert.deepEqual((await askAdmin(gateway, "GET /sessions")).json()["sessions"], []);
  });

  it("that there are not, or that are not named, are refused", async () => {
    const [unknown, unsaid] = [await run("end", "nobody"), await run("end", "--provider", "corp")];
    assert.deepEqual([unknown.code, unsaid.code], [1, 2]);
    assert.match(unknown.stderr, /session-unknown/);
    assert.match(unsaid.stderr, /session-unsaid/);
    assert.equal((await askAdmin(gateway, "DELETE /sessions?provider=corp")).status, 400);
  });
});
