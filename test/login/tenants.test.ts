import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadText } from "#config/fixture.test-helper.ts";
import { freePorts } from "#test/support/free-port.ts";
import { cli, runCli, spawnCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { GraphStandIn } from "#test/support/graph-stand-in.ts";
import { TenantsProvider } from "#test/support/tenants-provider.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { navigation, type Visit, Visitor } from "#test/support/visitor.ts";

const [north = "", south = "", foreign = ""] = [1, 2, 3].map((digit) => `${digit}0000000-0000-0000-0000-000000000000`);
const staff = "22223333-cccc-4444-dddd-5555eeee6666";

describe("people of several tenants of one provider", () => {
  let provider: TenantsProvider;
  let graph: GraphStandIn;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let base = "";
  const [annOfNorth, annOfSouth, ofForeign] = [randomUUID(), randomUUID(), randomUUID()];

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    provider = await new TenantsProvider(base, () => gateway.ca).start(north, south, foreign);
    graph = await new GraphStandIn().start();
    // Two tenants may call their people alike.
    provider.people[north] = Object.assign(provider.people[north] ?? {}, {
      ann: { oid: annOfNorth, tid: north, groups: [staff], name: "Ann of the North" },
    });
    Object.assign(provider.people[south] ?? {}, { ann: { oid: annOfSouth, tid: south, hasgroups: true } });
    Object.assign(provider.people[foreign] ?? {}, { eve: { oid: ofForeign, tid: foreign, groups: [staff] } });
    graph.put(annOfSouth, staff);
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  session: { check: 1s }
  providers:
    entra:
      preset: entra-id-v2
      issuer: "${provider.origin}/organizations/v2.0"
      tenants: ["${north}", "${south}"]
      clientId: gateway
      clientSecret: { env: SECRET }
      login: { scopes: [openid, profile, offline_access] }
      ${graph.settings(", keep: 1s")}
  cli: { provider: entra, clientId: gateway }
apis:
  app: { hosts: [localhost], path: /app, backend: up, access: [{ allow: '"${staff}" in principal.groups' }] }
  south: { hosts: [localhost], path: /south, backend: up, access: [{ allow: 'principal.tenant == "${south}"' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
      env: { SECRET: provider.clientSecret },
    });
    // It is one client in both places.
    Object.assign(graph, { clientSecret: provider.clientSecret });
  });

  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await graph?.stop();
    await provider?.stop();
  });

  async function logIn(tenant: string, who: string, to = "/app"): Promise<{ visitor: Visitor; visit: Visit }> {
    provider.home = tenant;
    const visitor = new Visitor(gateway.ca);
    return { visitor, visit: await visitor.logIn(`${base}/.sallyport/login?return=${encodeURIComponent(to)}`, who) };
  }

  it("log in by what the tenants have in common, and are people of their own", async () => {
    for (const saysIssuer of [true, false]) {
      provider.saysIssuer = saysIssuer;
      const { visit } = await logIn(north, "ann");
      assert.equal(visit.status, 200, `${visit.text}\n${gateway.output()}`);
      assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-user"], annOfNorth);
      const other = await logIn(south, "ann", "/south");
      assert.equal(other.visit.status, 200, other.visit.text);
      assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-user"], annOfSouth);
      assert.equal((await other.visitor.go(`${base}/app`)).status, 200, "by the groups that Graph says");
      assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-groups"], staff);
    }
    assert.equal(graph.count(annOfNorth), 0);
    const { stdout } = await runCli(["sessions", "list", "--data", gateway.data, "--json"]);
    const listed = [...stdout.matchAll(/"subject": ?"([^"]*)"/g)].map(([, subject]) => subject);
    assert.deepEqual([...new Set(listed)].toSorted(), [`${north}|ann`, `${south}|ann`]);
  });

  it("are not let in from a tenant that is not listed, and are told so", async () => {
    for (const saysIssuer of [true, false]) {
      provider.saysIssuer = saysIssuer;
      const reached = upstream.seen.length;
      const { visit } = await logIn(foreign, "eve");
      assert.equal(visit.status, 403, visit.text);
      assert.match(visit.text, /The organisation of this account may not log in here/);
      assert.equal(upstream.seen.length, reached);
    }
    assert.match(gateway.output(), /tenant not listed/);
  });

  it("are believed by their own tenant's word alone: its keys, and one name from end to end", async () => {
    provider.saysIssuer = false;
    // One tenant's people in another's name: the header and the signature stay.
    provider.answersFor = (text) => changed(text, { iss: `${provider.origin}/${south}/v2.0`, tid: south });
    const why = async (who: string): Promise<string> => {
      const printed = gateway.output().length;
      assert.equal((await logIn(north, who)).visit.status, 403);
      for (let tries = 0; tries < 50 && !gateway.output().slice(printed).includes("a login failed"); tries += 1)
        await sleep(20);
      return /"why":"([^"]*)"/.exec(gateway.output().slice(printed))?.[1] ?? "";
    };
    assert.equal(await why("ann"), "OAUTH_KEY_SELECTION_FAILED");
    provider.answersFor = (text) => changed(text, { tid: south });
    assert.equal(await why("ann"), "OAUTH_INVALID_RESPONSE");
    provider.answersFor = (text) => changed(text, { nonce: "another" });
    assert.equal(await why("ann"), "OAUTH_JWT_CLAIM_COMPARISON_FAILED");
    provider.answersFor = () => JSON.stringify({ access_token: "x", token_type: "Bearer" });
    assert.equal(await why("ann"), "OAUTH_INVALID_RESPONSE");
    provider.answersFor = null;
    provider.people[north] = Object.assign(provider.people[north] ?? {}, {
      // Signed by the one, with the id of the other.
      ben: { oid: randomUUID(), tid: south, groups: [staff] },
    });
    const { visit } = await logIn(north, "ben");
    assert.equal(visit.status, 403, visit.text);
  });

  it("are looked after at their own tenant, and one who leaves a group there loses what it opened", async () => {
    const { visitor } = await logIn(north, "ann");
    provider.asked.length = 0;
    const person = provider.people[north]?.["ann"] as { groups: string[] };
    person.groups = [];
    let { status } = await visitor.go(`${base}/app`);
    for (let tries = 0; tries < 60 && status === 200; tries += 1) {
      await sleep(100);
      ({ status } = await visitor.go(`${base}/app`));
    }
    person.groups = [staff];
    assert.equal(status, 403);
    assert.ok(provider.asked.includes(`POST /${north}/v2.0/token`), provider.asked.join());
    assert.ok(provider.asked.every((one) => !one.includes("/organizations/oauth2/v2.0/token")));
  });

  it("say on a command line of which tenant they are, which the gateway does not tell", async () => {
    const told = await new Visitor(gateway.ca).go(`${base}/.sallyport/cli`);
    assert.deepEqual([told.text.includes("{tenantid}"), told.text.includes(north)], [true, false]);
    const login = ["login", base, "--ca", join(gateway.data, "ca", "root.crt"), "--no-browser"];
    const without = await runCli(login);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /people of several tenants log in .*\n.*--tenant <id>/);
    assert.equal((await runCli([...login, "--tenant", "north"])).code, 2);
    const child = spawnCli(cli, [...login, "--tenant", north.toUpperCase()]);
    const [printed] = (await once(child.stderr as Readable, "data")) as [Buffer];
    child.kill("SIGKILL");
    assert.match(String(printed), new RegExp(`Logging in at ${provider.origin}/${north}/v2\\.0`));
  });

  it("are logged out by their own tenant, and not by another that has somebody of that name", async () => {
    const [one, other] = [await logIn(north, "ann"), await logIn(south, "ann", "/south")];
    const stands = async (visitor: Visitor, path: string): Promise<boolean> =>
      (await visitor.go(`${base}${path}`, { follow: false, headers: navigation })).status === 200;
    assert.deepEqual([await stands(one.visitor, "/app"), await stands(other.visitor, "/south")], [true, true]);
    await provider.sendLogout(south, "ann");
    for (let tries = 0; tries < 50 && (await stands(other.visitor, "/south")); tries += 1) await sleep(50);
    assert.deepEqual([await stands(one.visitor, "/app"), await stands(other.visitor, "/south")], [true, false]);
  });
});

/** Claims of the ID token in an answer are others; its signature is not. */
function changed(text: string, claims: Readonly<Record<string, unknown>>): string {
  const answer = JSON.parse(text) as { id_token?: string };
  const [header = "", payload = "", signature = ""] = answer.id_token?.split(".") ?? [];
  const said = { ...(JSON.parse(Buffer.from(payload, "base64url").toString()) as object), ...claims };
  const other = Buffer.from(JSON.stringify(said)).toString("base64url");
  return JSON.stringify({ ...answer, id_token: `${header}.${other}.${signature}` });
}

it("a definition has people of several tenants log in, each client of a tenant once", async () => {
  const load = (providers: string): ReturnType<typeof loadText> =>
    loadText(`version: 1\nidentity: { providers: { ${providers} } }`, { variables: { S: "s" } });
  const client = "clientId: c, clientSecret: { env: S }, login: true";
  const { definition, diagnostics } = await load(
    `entra: { preset: entra-id-v2, tenants: ["${north}", "${south.toUpperCase()}"], ${client} }`,
  );
  assert.deepEqual(diagnostics, []);
  const [login] = definition?.login?.providers ?? [];
  assert.deepEqual(
    [login?.issuer, login?.tenants],
    ["https://login.microsoftonline.com/{tenantid}/v2.0", [north, south]],
  );
  const twice = await load(
    `a: { preset: entra-id-v2, tenants: ["${north}", "${south}"], ${client} }, b: { preset: entra-id-v2, issuer: "https://login.microsoftonline.com/${south}/v2.0", ${client} }`,
  );
  assert.deepEqual(
    twice.diagnostics.map(({ code }) => code),
    ["login-ambiguous"],
  );
});
