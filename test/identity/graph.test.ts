import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { loadText } from "#config/fixture.test-helper.ts";
import { fetchGroups, GraphError } from "#identity/groups/graph.ts";
import type { GroupQuestion } from "#model/group-lookup.ts";
import { createClock } from "#threads/clock.ts";
import { createEgress } from "#upstream/egress-fetch.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { GraphStandIn } from "#test/support/graph-stand-in.ts";
import { LocalIssuer } from "#test/support/local-issuer.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const tenant = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const other = "bbbbcccc-1111-dddd-2222-eeee3333ffff";
const staff = "22223333-cccc-4444-dddd-5555eeee6666";
const barred = "33334444-dddd-5555-eeee-6666ffff7777";

let graph: GraphStandIn;

before(async () => {
  graph = await new GraphStandIn().start();
});
after(() => graph.stop());

describe("Microsoft Graph, by its stand-in", () => {
  const egress = createEgress({ allow: [], ownAddresses: [], clock: createClock() });
  const id = randomUUID();
  const question: GroupQuestion = { provider: "corp", tenant, id, kind: "user" };
  let token: string;

  const fetched = (more: { securityOnly?: boolean; only?: readonly string[] } = {}, asked = question) =>
    fetchGroups({ url: `${graph.origin}/v1.0`, securityOnly: false, only: null, ...more }, asked, token, egress);
  const many = (count: number): { id: string; securityEnabled: boolean }[] =>
    Array.from({ length: count }, (_, at) => ({ id: randomUUID(), securityEnabled: at % 2 === 0 }));

  before(async () => {
    const scope = `${graph.origin}/.default`;
    const form = { grant_type: "client_credentials", client_id: "c", client_secret: graph.clientSecret, scope };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${graph.origin}/${tenant}/oauth2/v2.0/token`, { method: "POST", body });
    token = ((await answer.json()) as { access_token: string }).access_token;
  });

  it("gives the ids of all groups at once, and page by page where they are too many for that", async () => {
    for (const count of [0, 250, 11_000, 12_500]) {
      const groups = many(count);
      graph.people.set(id, groups);
      const asked = graph.count("transitiveMemberOf");
      assert.deepEqual(
        await fetched(),
        groups.map((one) => one.id),
        String(count),
      );
      const secure = groups.filter((one) => one.securityEnabled).map((one) => one.id);
      assert.deepEqual(await fetched({ securityOnly: true }), secure);
      // The even half of them fits into one answer.
      assert.equal(graph.count("transitiveMemberOf") - asked, count === 12_500 ? 13 : 0);
    }
    const [first] = graph.people.get(id) ?? [];
    assert.deepEqual(await fetched({ only: [first?.id ?? "", staff] }), [first?.id]);
    graph.people.set(id, many(25 * 999 + 1));
    await assert.rejects(fetched(), /more than 24975 groups/);
  });

  it("is asked at its own address alone, whatever its answers name", async () => {
    graph.people.set(id, many(11_001));
    for (const elsewhere of ["http://127.0.0.2:1/v1.0/x", `${graph.origin}/beta/x`, "http://a:b@127.0.0.1/v1.0/", 7]) {
      graph.nextPageAt = elsewhere as string;
      await assert.rejects(fetched(), { code: "idp-malformed", message: /its next page is elsewhere/ });
    }
    graph.nextPageAt = null;
    await assert.rejects(fetched({}, { ...question, id: "../groups" }), /no id of its directory/);
  });

  it("that does not answer as it should is a failure with its own word for it", async () => {
    await assert.rejects(fetched({}, { ...question, id: randomUUID() }), /answered 404 \(Request_ResourceNotFound\)/);
    for (const [status, body, message] of [
      [
        403,
        { error: { code: "Authorization_RequestDenied", message: "secret text" } },
        /answered 403 \(Authorization_RequestDenied\)$/,
      ],
      [500, { error: "x" }, /answered 500$/],
      [200, { value: [1] }, /no list of ids/],
      [200, {}, /no list of ids/],
    ] as const) {
      graph.says = { status, body };
      await assert.rejects(fetched(), { message });
    }
    graph.says = { status: 429, headers: { "retry-after": "7" }, body: {} };
    await assert.rejects(
      fetched(),
      (error) => error instanceof GraphError && error.answered === 429 && error.retryAfterMs === 7000,
    );
    graph.says = null;
  });
});

describe("groups that tokens of Entra ID leave out", () => {
  let issuer: LocalIssuer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const keepMs = 1000;

  before(async () => {
    issuer = await LocalIssuer.start();
    for (const id of [tenant, other]) issuer.publish(`/${id}/v2.0`);
    issuer.publish("/organizations/v2.0", `${issuer.origin}/{tenantid}/v2.0`);
    issuer.publish("/always/v2.0");
    upstream = await startUpstream((request, answer) => {
      if (!request.url?.endsWith("/events")) return void answer.end("{}");
      answer.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => answer.write("data: x\n\n"), 50);
      return void answer.on("close", () => clearInterval(timer));
    });
    const client = "clientId: gateway, clientSecret: { env: GRAPH_SECRET }";
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity:
  providers:
    corp:
      preset: entra-id-v2
      issuer: "${issuer.origin}/{tenantid}/v2.0"
      tenants: ["${tenant}"]
      audiences: [orders]
      ${client.replaceAll(", ", "\n      ")}
      ${graph.settings(", keep: 1s")}
    always:
      preset: entra-id-v2
      issuer: "${issuer.origin}/${other}/v2.0"
      audiences: [orders]
      ${client.replaceAll(", ", "\n      ")}
      ${graph.settings(`, keep: 1s, groups: always, only: ["${staff}"]`)}
apis:
  orders:
    path: /orders
    backend: up
    access:
      - deny: '"${barred}" in principal.groups'
      - allow: '"${staff}" in principal.groups'
backends: { up: { url: "${upstream.url}" } }
`,
      env: { GRAPH_SECRET: graph.clientSecret },
      args: ["--workers", "2"],
    });
  });

  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await issuer?.[Symbol.asyncDispose]();
  });

  /** A person's token, as Entra ID documents it. */
  function tokenOf(oid: string, more: Readonly<Record<string, unknown>> = {}, tid: string = tenant): Promise<string> {
    return issuer.sign({
      aud: "orders",
      iss: `${issuer.origin}/${tid}/v2.0`,
      azp: "11112222-bbbb-3333-cccc-4444dddd5555",
      ver: "2.0",
      scp: "Orders.Read",
      sub: `pairwise-${oid}`,
      oid,
      tid,
      ...more,
    });
  }

  /** The address is a trap: nobody is to ask there. */
  const leftOut = (): object => ({
    _claim_names: { groups: "src1" },
    _claim_sources: { src1: { endpoint: `${graph.origin}/trap/getMemberObjects` } },
  });

  async function ask(token: string): Promise<string> {
    const response = await call(gateway, "/orders", { headers: { authorization: `Bearer ${token}` }, fresh: true });
    return `${response.status} ${response.status === 200 ? "" : String(response.json()["reason"])}`.trim();
  }

  async function until(token: string, expected: string): Promise<number> {
    const start = performance.now();
    let said = await ask(token);
    while (said !== expected && performance.now() - start < 6 * keepMs) {
      await sleep(100);
      said = await ask(token);
    }
    assert.equal(said, expected);
    return performance.now() - start;
  }

  it("are asked for at the Graph of the definition, once for all workers, as the provider's client", async () => {
    const ann = randomUUID();
    graph.put(ann, staff);
    const tokenRequests = graph.count(`/${tenant}/oauth2/v2.0/token`);
    const tokens = [await tokenOf(ann, leftOut() as never), await tokenOf(ann, { hasgroups: true })];
    const said = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(tokens[at % 2] as string)));
    assert.deepEqual([...new Set(said)], ["200"]);
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-groups"], staff);
    assert.equal(graph.count(`users/${ann}/getMemberGroups`), 1);
    assert.equal(graph.count(`/${tenant}/oauth2/v2.0/token`) - tokenRequests, 1);
    assert.equal(graph.count("trap"), 0);
  });

  it("are not asked for where the token says them", async () => {
    const ben = randomUUID();
    assert.equal(await ask(await tokenOf(ben, { groups: [staff] })), "200");
    assert.equal(graph.count(ben), 0);
  });

  it("of an application are those of its own object", async () => {
    const app = randomUUID();
    graph.put(app, staff);
    assert.equal(await ask(await tokenOf(app, { ...leftOut(), sub: app, idtyp: "app", scp: undefined })), "200");
    assert.equal(graph.count(`servicePrincipals/${app}/getMemberGroups`), 1);
  });

  it("change within the interval, and rules that deny by them see all of them", async () => {
    const cem = randomUUID();
    graph.put(cem, staff);
    const token = await tokenOf(cem, leftOut() as never);
    assert.equal(await ask(token), "200");
    graph.put(cem, staff, barred);
    assert.ok((await until(token, "403 access-denied")) < keepMs + 1000);
    graph.put(cem);
    assert.equal(await ask(token), "403 access-denied");
  });

  it("that opened a stream end it when they are gone, and let it go on while they stand", async () => {
    const gil = randomUUID();
    graph.put(gil, staff);
    const headers = { authorization: `Bearer ${await tokenOf(gil, leftOut() as never)}` };
    const response = await fetch(`${gateway.url}/orders/events`, { headers });
    assert.equal(response.status, 200);
    let pieces = 0;
    let ended = false;
    const reading = (async () => {
      for await (const _ of response.body ?? []) pieces += 1;
    })()
      .catch(() => {})
      .finally(() => (ended = true));
    await sleep(2.5 * keepMs);
    assert.ok(!ended && pieces > 20, String(pieces));
    graph.put(gil);
    await Promise.race([reading, sleep(keepMs + 1500)]);
    assert.ok(ended);
  });

  it("of everybody, where that is wanted: what a bearer token says of them is not believed for longer", async () => {
    const dan = randomUUID();
    graph.put(dan, staff, barred);
    const token = await tokenOf(dan, { groups: [staff] }, other);
    assert.equal(await ask(token), "200", "only the groups that count here");
    graph.put(dan);
    assert.ok((await until(token, "403 access-denied")) < keepMs + 1000);
  });

  it("that cannot be had refuse the request, and are had again when they can", async () => {
    const eve = randomUUID();
    graph.put(eve, staff);
    const token = await tokenOf(eve, leftOut() as never);
    assert.equal(await ask(token), "200");
    graph.says = { status: 500, body: { error: { code: "UnknownError" } } };
    await until(token, "503 groups-unavailable");
    graph.says = null;
    await until(token, "200");
    assert.equal(await ask(await tokenOf(randomUUID(), leftOut() as never)), "503 groups-unavailable", "nobody there");
    assert.match(gateway.output(), /groups could not be had.*answered 500 \(UnknownError\)/);
    assert.ok(!gateway.output().includes(graph.clientSecret));
  });

  it("are asked for with another token where the gateway's own has been taken back", async () => {
    graph.tokens.clear();
    const fay = randomUUID();
    graph.put(fay, staff);
    await until(await tokenOf(fay, leftOut() as never), "200");
  });

  it("are not asked for while Graph says to wait", async () => {
    graph.says = { status: 429, headers: { "retry-after": "1" }, body: {} };
    const people = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of people) assert.equal(await ask(await tokenOf(id, leftOut() as never)), "503 groups-unavailable");
    assert.equal(people.filter((id) => graph.count(id) > 0).length, 1);
    graph.says = null;
    const [first = ""] = people;
    graph.put(first, staff);
    await until(await tokenOf(first, leftOut() as never), "200");
  });
});

it("a definition asks Graph of Entra ID alone, as a client, and at each tenant", async () => {
  const why = async (text: string): Promise<string> => {
    const { diagnostics } = await loadText(
      `version: 1\nidentity: { providers: { corp: { audiences: [a], ${text} } } }`,
      {
        variables: { S: "s" },
      },
    );
    return diagnostics.map(({ code, message }) => `${code}: ${message}`).join("; ");
  };
  const client = "clientId: c, clientSecret: { env: S }";
  const entra = `preset: entra-id-v2, tenants: ["${tenant}", "${other}"]`;
  assert.equal(await why(`${entra}, ${client}, graph: true`), "");
  assert.equal(await why(`${entra}, graph: false`), "");
  assert.match(await why(`${entra}, graph: true`), /^graph-incomplete: corp cannot ask/);
  assert.match(
    await why(`${entra}, clientId: c, clientKey: { env: S }, graph: true`),
    /no key that a client can sign with/,
  );
  assert.match(
    await why(`issuer: "https://login.example.com", ${client}, graph: true`),
    /keeps no groups in Microsoft Graph/,
  );
  assert.match(await why(`${entra}, ${client}, graph: { only: [staff] }`), /is not the id of a group/);
  assert.match(await why(`${entra}, ${client}, graph: { tokenUrl: "https://login.example.com/t" }`), /is one tenant's/);
  assert.match(await why(`${entra}, ${client}, graph: { url: "http://graph.example.com" }`), /over http/);
});
