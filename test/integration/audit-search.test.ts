import assert from "node:assert/strict";
import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { cli, runCli, spawnCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

interface Found {
  readonly id: string;
  readonly path: string;
  readonly decision: string;
}

/** What was asked of a gateway, looked for while it runs. */
describe("searching the record", () => {
  let gateway: TestGateway;

  before(async () => {
    const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  hello: { path: /hello, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
  closed: { path: /closed, access: [{ allow: principal.authenticated }], policies: { inbound: [{ return-response: { body: no } }] } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    for (const path of ["/hello/1", "/closed/1", "/hello/2", "/nowhere"]) await call(gateway, path);
    await recorded("/nowhere");
  });
  after(() => gateway.cleanUp());

  async function search(...args: readonly string[]): Promise<readonly Found[]> {
    const { code, stdout, stderr } = await runCli(["audit", "search", ...args, "--json", "--data", gateway.data]);
    assert.deepEqual([code, stderr], [0, ""]);
    return stdout === ""
      ? []
      : stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Found);
  }

  async function recorded(path: string): Promise<void> {
    for (let tries = 0; (await search(`path == "${path}"`)).length === 0; tries += 1) {
      assert.ok(tries < 40, `no record of ${path}`);
      await sleep(100);
    }
  }

  it("finds by a filter what the gateway has just recorded, oldest first", async () => {
    const paths = (found: readonly Found[]): readonly string[] => found.map(({ path }) => path);
    assert.deepEqual(paths(await search('route.api == "hello"')), ["/hello/1", "/hello/2"]);
    assert.deepEqual(paths(await search('decision == "deny" && status == 401')), ["/closed/1"]);
    assert.deepEqual(paths(await search("--last", "1h", "status == 404")), ["/nowhere"]);
    assert.deepEqual(await search("--to", "2020-01-01"), []);
    const [one] = await search('path == "/hello/1"');
    assert.deepEqual(paths(await search(`id == "${one?.id}"`)), ["/hello/1"]);
    assert.ok(existsSync(join(gateway.data, "search.db")));
  });

  it("finds what was done to the gateway, by the type of the event", async () => {
    const started = await runCli(["audit", "search", 'event.startsWith("gateway.")', "--data", gateway.data]);
    assert.match(started.stdout, /^\S+Z {6}event {2}gateway\.started {2}urn:sallyport:gateway\|\|itself {2}version=/);
  });

  it("says on a line what became of a request, and that older ones match", async () => {
    const all = await runCli(["audit", "search", 'path == "/closed/1"', "--data", gateway.data]);
    assert.match(all.stdout, /^\S+Z {2}401 deny {3}GET \S+\/closed\/1 {2}anonymous {2}\S+ {2}[0-9a-f-]{36}\n$/);
    const newest = await runCli(["audit", "search", "-n", "1", 'route.api == "hello"', "--data", gateway.data]);
    assert.match(newest.stdout, /\/hello\/2 /);
    assert.match(newest.stderr, /^older ones match too: --limit 10, or --to\n$/);
  });

  it("tells of what is no filter and of what is no time", async () => {
    const filter = await runCli(["audit", "search", "decison == 1", "--data", gateway.data]);
    assert.equal(filter.code, 2);
    assert.match(
      filter.stderr,
      /^sallyport: the filter, at character 1: Unknown variable: decison \(filter-invalid\)\n {2}fix: /,
    );
    const time = await runCli(["audit", "search", "--from", "yesterday", "--data", gateway.data]);
    assert.equal(time.code, 2);
    assert.match(time.stderr, /It takes a date or time such as 2026-03-01/);
    const day = await runCli(["audit", "search", "--from", "2026-02-30", "--data", gateway.data]);
    assert.equal(day.code, 2);
    const swapped = ["--from", "2026-03-02", "--to", "2026-03-01", "--data", gateway.data];
    for (const command of [["search"], ["export", "--format", "csv"], ["report"]]) {
      const { code, stdout, stderr } = await runCli(["audit", ...command, ...swapped]);
      assert.deepEqual([code, stdout], [2, ""], command.join(" "));
      assert.match(stderr, /--from is not before --to/);
    }
  });

  it("follows, until it is interrupted", async () => {
    const child = spawnCli(cli, ["audit", "search", 'path == "/hello/live"', "-f", "--json", "--data", gateway.data]);
    try {
      const line = nextLine(child);
      // It begins where the record ends when it starts: asked again until it has seen one.
      const asking = { over: false };
      const asked = ask(asking);
      assert.equal((JSON.parse(await line) as Found).path, "/hello/live");
      asking.over = true;
      await asked;
      child.kill("SIGINT");
      assert.deepEqual(await once(child, "exit"), [0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  async function ask(asking: { over: boolean }): Promise<void> {
    for (const end = Date.now() + 60_000; !asking.over && Date.now() < end;) {
      await call(gateway, "/hello/live");
      await sleep(100);
    }
  }

  it("exports for other programs", async () => {
    const events = await runCli([
      "audit",
      "export",
      "--format",
      "ocsf",
      'route.api == "closed"',
      "--data",
      gateway.data,
    ]);
    const event = JSON.parse(events.stdout) as { class_uid: number; action: string; metadata: { version: string } };
    assert.deepEqual([event.class_uid, event.action, event.metadata.version], [6003, "Denied", "1.9.0"]);
    const csv = await runCli(["audit", "export", "--format", "csv", 'route.api == "closed"', "--data", gateway.data]);
    const [head, row, ...rest] = csv.stdout.trimEnd().split("\n");
    assert.match(head ?? "", /^time,id,event,decision,status,/);
    assert.match(row ?? "", /,deny,401,/);
    assert.deepEqual(rest, []);
  });
});

/** @throws Error when nothing comes within a minute and a half: the child ends then */
async function nextLine(child: ChildProcess): Promise<string> {
  const late = setTimeout(() => child.kill("SIGKILL"), 90_000);
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  clearTimeout(late);
  assert.match(text, /\n/, "no line came");
  return text.split("\n", 1)[0] ?? "";
}
