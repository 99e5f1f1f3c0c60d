import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { onTerminal } from "#test/support/terminal.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const key = "orders-key-000000000000000000000001";

const definition = (upstream: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
deployment: { region: West Europe }
analytics: { minutes: 12h, hours: 10d, days: 60d }
apis:
  orders: { path: /orders, backend: echo }
  hello:
    path: /hello
    access: public
    policies: { inbound: [base, { return-response: { body: hello } }] }
products: { starter: { apis: [orders], subscription: key } }
subscriptions: { ada: { product: starter, key: { env: ADA_KEY } } }
backends: { echo: { url: "${upstream}" } }
`;

interface Answer {
  readonly resolution: string;
  readonly stepSeconds: number | null;
  readonly total: { readonly calls: number; readonly denied: number; readonly latency: { readonly p95: number } };
  readonly groups: readonly {
    readonly by: Readonly<Record<string, string>>;
    readonly calls: number;
    readonly denied: number;
    readonly points?: readonly unknown[];
  }[];
}

describe("analytics", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: definition(upstream.url),
      args: ["--workers", "2"],
      env: { ADA_KEY: key },
    });
    const ask = (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
      call(gateway, path, { fresh: true, headers });
    for (let left = 6; left > 0; left -= 1) await ask("/hello");
    for (let left = 3; left > 0; left -= 1) await ask("/orders/1", { "Ocp-Apim-Subscription-Key": key });
    for (let left = 2; left > 0; left -= 1) await ask("/orders/1");
    await ask("/nothing");
    for (let tries = 0; tries < 80 && (await ofAll()).total.calls < 12; tries += 1) await sleep(100);
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
  });

  const ofAll = (query = ""): Promise<Answer> =>
    askAdmin(gateway, `GET /analytics?${query}`).then((reply) => {
      assert.equal(reply.status, 200, reply.text + gateway.output());
      return reply.json() as unknown as Answer;
    });
  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);

  it("count every request of every worker, once, by what it was", async () => {
    const answer = await ofAll("by=api,product,subscription,principal,status,reason,upstream,region&last=1h");
    assert.equal(answer.total.calls, 12);
    const rows = answer.groups.map(({ by, calls, denied }) => [
      ...["api", "product", "subscription", "status", "reason", "upstream", "region"].map((name) => by[name]),
      calls,
      denied,
    ]);
    const expected = [
      ["hello", "", "", "2xx", "", "", "West Europe", 6, 0],
      ["none", "", "", "4xx", "route-not-found", "", "West Europe", 1, 1],
      ["orders", "", "", "4xx", "key-missing", "", "West Europe", 2, 2],
      ["orders", "starter", "ada", "2xx", "", "echo", "West Europe", 3, 0],
    ];
    assert.deepEqual(
      rows.toSorted((a, b) => String(a).localeCompare(String(b))),
      expected,
    );
  });

  it("are filtered, stepped and cut, and say what is wrong with a question", async () => {
    const some = await ofAll("by=api&status=4xx&step=1m&top=1&order=denied&last=5m");
    assert.deepEqual([some.groups.length, some.groups[0]?.by, some.stepSeconds], [1, { api: "orders" }, 60]);
    assert.ok((some.groups[0]?.points?.length ?? 0) >= 1);
    assert.ok(some.total.latency.p95 > 0);
    const pairs = [
      "by=nonsense",
      "from=2026-01-01T00:00Z&last=1h",
      "from=2026-01-02T00:00Z&to=2026-01-01T00:00Z",
      "x=1",
    ];
    for (const query of pairs) {
      const { status, text } = await askAdmin(gateway, `GET /analytics?${query}`);
      assert.equal(status, 400, query);
      assert.match(text, /malformed-request/);
    }
  });

  it("are shown in a terminal, as a table or as JSON, without colours where nobody sees them", async () => {
    const [table, json, wrong, narrow] = await Promise.all([
      run("stats", "--by", "api,status", "--last", "30m"),
      run("stats", "--by", "-", "--json"),
      run("stats", "--by", "nonsense"),
      run("stats", "--where", "api=hello"),
    ]);
    assert.deepEqual([table.code, table.stderr], [0, ""]);
    assert.match(table.stdout, /^API +STATUS +CALLS +PER S +DENIED +5XX +P50/);
    assert.match(table.stdout, /^hello +2xx +6 .*█+ +.*█/m);
    assert.ok(!table.stdout.includes("\u001b"));
    assert.equal((JSON.parse(json.stdout) as Answer).total.calls, 12);
    assert.deepEqual([wrong.code, narrow.code], [2, 0]);
    assert.match(narrow.stdout, /^hello +6 /m);
  });

  it(
    "are shown on a terminal again and again, each time on a clear screen, until somebody has seen enough",
    needsCommand("script"),
    async () => {
      const escape = "\u001b";
      const clear = `${escape}[2J${escape}[H`;
      const terminal = onTerminal(["stats", "--watch", "--last", "1h", "--by", "api,status", "--data", gateway.data]);
      await terminal.until(/again in 4 s \(Ctrl-C ends\)/);
      const [blank, first = ""] = terminal.screen().split(clear);
      assert.equal(blank, "");
      const lines = first.split("\r\n");
      // Dim the head, in red whatever fails too often, with a share and a trend drawn beside the numbers.
      const [head = ""] = lines;
      assert.ok(head.startsWith(`${escape}[2mAPI `) && head.endsWith(`TREND${escape}[0m`), JSON.stringify(head));
      const hello = lines.find((line) => /^hello +2xx +6 /.test(line)) ?? assert.fail(first);
      assert.match(hello, / █{5} +.*█ *$/);
      await terminal.until(/TREND[^]*again in 1 s[^]*TREND[^]*again in 5 s/);
      terminal.type("\u0003");
      assert.equal(await terminal.ended, 130);
      // No control sequence but those: names of APIs and the like steer nothing.
      const known = [clear, ...["0", "2", "31"].map((code) => `${escape}[${code}m`)];
      const rest = known.reduce((text, sequence) => text.replaceAll(sequence, ""), terminal.screen());
      assert.ok(!rest.includes(escape), JSON.stringify(rest));
      assert.equal(terminal.screen().split(clear).length, 3);
    },
  );

  it("make reports", async () => {
    const reports = ["top-denied", "slowest", "agents"].map((name) => run("report", name, "--last", "2h"));
    const [denied, slowest, agents] = await Promise.all(reports);
    assert.match(denied?.stdout ?? "", /^DENIED .*\n2 +orders +\S+ +key-missing +-\n1 +none +- +route-not-found +-\n/);
    assert.match(slowest?.stdout ?? "", /^P95 +P99 +MAX +CALLS +API +OPERATION\n/);
    assert.match(slowest?.stdout ?? "", /\n\d.* ms +6 +hello/);
    assert.match(slowest?.stdout ?? "", /\n\d.* ms +5 +orders/);
    assert.match(agents?.stdout ?? "", /^nothing\n/);
    assert.deepEqual([denied?.code, slowest?.code, agents?.code], [0, 0, 0]);
  });

  it("survive a restart, and lose nothing at a stop", async () => {
    await call(gateway, "/hello", { fresh: true });
    assert.equal(await gateway.stop(), 0);
    const { folder } = gateway;
    gateway = await startTestGateway({ definition: definition(upstream.url), folder, env: { ADA_KEY: key } });
    assert.equal((await ofAll()).total.calls, 13);
    await gateway.kill();
    gateway = await startTestGateway({ definition: definition(upstream.url), folder, env: { ADA_KEY: key } });
    assert.equal((await ofAll()).total.calls, 13);
    const due = await askAdmin(gateway, "GET /reports/keys-due?days=1");
    assert.deepEqual(due.json()["keys"], []);
    // What the clock of a test cannot do: the store's rows say when it was, and the report asks in days.
    const database = new DatabaseSync(join(gateway.data, "sallyport.db"));
    const row = database.prepare("SELECT used_at FROM key_uses").get();
    assert.ok(Math.abs(Number(row?.["used_at"]) - Date.now()) < 300_000, JSON.stringify(row));
    database.exec("UPDATE key_uses SET used_at = used_at - 40 * 86400000, made_at = made_at - 100 * 86400000");
    database.close();
    const [unused, old] = await Promise.all([run("report", "unused-keys"), run("report", "keys-due", "--days", "99")]);
    assert.match(unused.stdout, /^SUBSCRIPTION .*\nada +primary +product:starter +- +100 days +20\d\d-/);
    assert.match(old.stdout, /\nada +primary /);
    assert.equal((await run("report", "unused-keys", "--days", "41")).stdout, "none\n");
  });
});
