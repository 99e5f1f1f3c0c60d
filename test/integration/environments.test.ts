import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askAdmin } from "#test/support/admin.ts";
import { eventsOf } from "#test/support/events.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = (reason: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:1" } }
apis:
  hello:
    path: /hello
    access: public
    policies:
      inbound:
      - base
      - rate-limit-by-key: { calls: 1, period: 60s, key: "\${request.clientAddress}" }
      - return-response: { body: hello }
environments:
  base: {}
  load:
    extends: base
    edge: { listen: { http: "127.0.0.1:0" } }
    exceptions:
      load-tests:
        { api: hello, section: inbound, policy: rate-limit-by-key, argument: calls, value: 3, reason: ${reason}, approvedBy: ann@example.com, until: 9999-12-31 }
`;

describe("a gateway of an environment", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: definition("tests"), args: ["--workers", "1", "--env", "load"] });
  });
  after(() => gateway.cleanUp());

  const applied = (): readonly unknown[] =>
    eventsOf(gateway)
      .filter(({ event }) => event === "exception.applied")
      .map(({ details }) => details);

  it("listens where that says, and runs its exceptions", async () => {
    const statuses: number[] = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await fetch(`${gateway.url}/hello`)).status);
    assert.deepEqual(statuses, [200, 200, 200, 429]);
  });

  it("tells the record of each exception, with the start and with each configuration", async () => {
    const place = "apis.hello.policies.inbound rate-limit-by-key.calls";
    const details = { exception: "load-tests", place, approvedBy: "ann@example.com", until: "9999-12-31" };
    assert.deepEqual(applied(), [{ ...details, reason: "tests" }]);
    const files = { "sallyport.yaml": definition("more") };
    const reply = await askAdmin(gateway, "PUT /config", {
      headers: { "content-type": "application/json", "if-match": "*" },
      body: JSON.stringify({ files }),
    });
    assert.equal(reply.status, 200, reply.text);
    assert.deepEqual(applied()[1], { ...details, reason: "more" });
    const { stdout } = await runCli(["audit", "report", "--last", "1h", "--format", "json", "--data", gateway.data]);
    assert.match(stdout, /"exception\.applied"/);
  });

  it("is promoted to: what callers would see is told, dangers are refused, and what is accepted is put in force", async () => {
    const config = join(gateway.folder, "sallyport.yaml");
    const next = definition("more").replace("value: 3", "value: 30").replace("calls: 1,", "calls: 2,");
    const file = join(gateway.folder, "next.yaml");
    writeFileSync(file, next);
    const promote = (...args: readonly string[]): ReturnType<typeof runCli> =>
      runCli(["promote", "--data", gateway.data, "--config", file, ...args]);

    const other = await promote("--to", "base");
    assert.deepEqual([other.code, other.stdout], [1, ""]);
    assert.match(other.stderr, /the gateway runs load, and not base \(environment-differs\)\n {2}fix: /);

    const refused = await promote("--from", "base", "--to", "load", "--json", "--apply");
    assert.equal(refused.code, 1);
    const answer = JSON.parse(refused.stdout) as {
      readonly refused: boolean;
      readonly changes: readonly { readonly code: string; readonly text: string }[];
      readonly otherwise: readonly { readonly group: string; readonly after: unknown }[];
    };
    assert.deepEqual(
      [answer.refused, ...answer.changes.map(({ code }) => code)],
      [true, "limit-looser", "exception-added"],
    );
    assert.match(answer.changes[0]?.text ?? "", /^operation hello\.all: rate-limit-by-key\.calls is 30 instead of 3$/);
    assert.deepEqual(answer.otherwise.map(({ group }) => group).toSorted(), ["exception", "policy"]);
    assert.doesNotMatch(readFileSync(config, "utf8"), /value: 30/);

    const accepted = ["--accept", "limit-looser", "--accept", "exception-added"];
    const { code, stdout } = await promote("--to", "load", "--apply", "--yes", ...accepted);
    assert.equal(code, 0);
    assert.match(stdout, /\(accepted\)\n[^]*configuration \d+ is in force/);
    assert.equal(readFileSync(config, "utf8"), next);
  });
});
