import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { askAdmin } from "#test/support/admin.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand, root } from "#test/support/require.ts";

const definition = (body: string): string => `version: 1
edge: { listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  hello: { hosts: [a.test], path: /, access: public, policies: { inbound: [base, { return-response: { body: ${body} } }] } }
`;

/** The samples by name and labels, of a text that is read strictly: each line is one, or says what follows. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  let family = "";
  for (const line of text
    .replace(/# EOF\n$/, "")
    .split("\n")
    .slice(0, -1)) {
    const [, help, type] = /^# HELP (\w+) \S.*$|^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line) ?? [];
    if (help !== undefined) family = help;
    else if (type !== undefined) assert.equal(type, family);
    else {
      const [, key = "", name = "", value = ""] =
        /^((\w+)(?:\{(?:\w+="(?:[^"\\]|\\[\\n"])*",?)+\})?) (\S+)$/.exec(line) ?? [];
      assert.ok([family, ...["_total", "_bucket", "_sum", "_count"].map((end) => family + end)].includes(name), line);
      assert.ok(Number.isFinite(Number(value)) && !samples.has(key), line);
      samples.set(key, Number(value));
    }
  }
  return samples;
}

describe("GET /metrics", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: definition("one"), args: ["--workers", "2"] });
  });
  after(() => gateway.cleanUp());

  const scrape = async (accept = "*/*"): Promise<{ type: string; text: string }> => {
    const { status, headers, text } = await askAdmin(gateway, "GET /metrics", { headers: { accept } });
    assert.equal(status, 200);
    return { type: headers["content-type"] ?? "", text };
  };
  const sample = async (key: string): Promise<number | undefined> => samplesOf((await scrape()).text).get(key);

  it("says what runs", async () => {
    const { type, text } = await scrape();
    assert.equal(type, "text/plain; version=0.0.4; charset=utf-8");
    const samples = samplesOf(text);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    assert.equal(samples.get(`sallyport_build_info{version="${version}",node_version="${process.version}"}`), 1);
    assert.ok(Math.abs((samples.get("sallyport_start_time_seconds") ?? 0) - Date.now() / 1000) < 60);
    assert.deepEqual(
      ["sallyport_workers", "sallyport_workers_listening", "sallyport_worker_restarts_total"].map((key) =>
        samples.get(key),
      ),
      [2, 2, 0],
    );
  });

  it("says until when each name's certificate is good", async () => {
    const until =
      (await sample('sallyport_certificate_not_after_timestamp_seconds{name="a.test",source="internal"}')) ?? 0;
    assert.ok(Math.abs(until - Date.now() / 1000 - 12 * 3600) < 120, String(until));
    assert.equal(await sample('sallyport_certificate_state{name="a.test",state="valid"}'), 1);
  });

  it("counts requests by API and class of status, refused ones too, over all workers", async () => {
    const ask = (path: string, host: string): Promise<unknown> =>
      call(gateway, path, { fresh: true, headers: { host } });
    for (let left = 10; left > 0; left -= 1) await ask("/", "a.test");
    for (let left = 3; left > 0; left -= 1) await ask("/", "localhost");
    const key = 'sallyport_requests_total{api="hello",class="2xx"}';
    for (let left = 100; left > 0 && ((await sample(key)) ?? 0) < 10; left -= 1) await sleep(50);
    assert.equal(await sample(key), 10);
    assert.equal(await sample('sallyport_request_duration_seconds_count{api="hello"}'), 10);
    assert.equal(await sample('sallyport_request_duration_seconds_bucket{api="hello",le="+Inf"}'), 10);
    for (
      let left = 100;
      left > 0 && (await sample('sallyport_requests_total{api="none",class="4xx"}')) !== 3;
      left -= 1
    ) {
      await sleep(50);
    }
    assert.equal(await sample('sallyport_requests_total{api="none",class="4xx"}'), 3);
  });

  it("counts reloads by their end, and says whether the file is in force", async () => {
    const file = join(gateway.folder, "sallyport.yaml");
    const reload = async (text: string): Promise<void> => {
      writeFileSync(file, text);
      await askAdmin(gateway, "POST /reload");
    };
    const first = await sample("sallyport_config_generation");
    assert.equal(await sample("sallyport_config_last_reload_successful"), 1);
    await reload("version: 1\nnonsense: 1\n");
    assert.equal(await sample("sallyport_config_last_reload_successful"), 0);
    assert.ok(((await sample('sallyport_config_changes_total{action="reload",outcome="invalid"}')) ?? 0) >= 1);
    assert.equal(await sample("sallyport_config_generation"), first);
    await reload(definition("two"));
    assert.equal(await sample("sallyport_config_last_reload_successful"), 1);
    assert.equal(await sample("sallyport_config_generation"), Number(first) + 1);
    const since = (await sample("sallyport_config_last_reload_success_timestamp_seconds")) ?? 0;
    assert.ok(since > ((await sample("sallyport_start_time_seconds")) ?? 0));
  });

  it("is OpenMetrics for who asks for it", async () => {
    const { type, text } = await scrape("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    assert.equal(type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(text, /# EOF\n$/);
    assert.ok(samplesOf(text).has("sallyport_worker_restarts_total"));
  });

  it("passes Prometheus' own check", needsCommand("promtool"), async () => {
    const { text } = await scrape();
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  });

  it("is described by a configuration and rules that Prometheus takes", needsCommand("promtool"), () => {
    const page = readFileSync(join(root, "docs", "howto", "metrics.md"), "utf8");
    const [config = "", rules = ""] = [...page.matchAll(/```prometheus\n([\s\S]*?)```/g)].map(([, text]) => text ?? "");
    for (const [text, args, said] of [
      [config, ["check", "config", "--syntax-only"], /SUCCESS/],
      [rules, ["check", "rules"], new RegExp(`SUCCESS: ${rules.split("- alert:").length - 1} rules found`)],
    ] as const) {
      const file = join(gateway.folder, "prometheus.yml");
      writeFileSync(file, text);
      const { status, stdout, stderr } = spawnSync("promtool", [...args, file], { encoding: "utf8" });
      assert.equal(status, 0, `${stdout}${stderr}`);
      assert.match(stdout, said);
    }
  });
});
