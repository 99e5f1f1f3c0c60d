import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { askAdmin } from "#test/support/admin.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = (answer: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: ${answer} } }] } } }
`;

describe("the command line of a running gateway", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: definition("one"), args: ["--workers", "1"] });
  });
  after(() => gateway.cleanUp());

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, "--data", gateway.data]);
  const file = (name: string, text: string): string => {
    writeFileSync(join(gateway.folder, name), text);
    return join(gateway.folder, name);
  };

  it("gets, validates, compares, applies, lists and rolls back", async () => {
    const next = file("next.yaml", definition("two"));
    const [got, valid, differs] = await Promise.all([
      run("config", "get"),
      run("config", "validate", next),
      run("config", "diff", next),
    ]);
    assert.deepEqual([got.code, got.stdout], [0, definition("one")]);
    assert.deepEqual([valid.code, valid.stdout], [0, "ok\n"]);
    assert.equal(differs.code, 1);
    assert.match(
      differs.stdout,
      /^--- a\/sallyport\.yaml\n\+\+\+ b\/sallyport\.yaml\n@@ -1,3 \+1,3 @@\n(.*\n)*-apis.*one.*\n\+apis.*two/,
    );

    const applied = await run("config", "apply", next, "--comment", "two of them");
    assert.deepEqual([applied.code, applied.stderr], [0, ""]);
    assert.match(applied.stdout, /^configuration 2 is in force \(hash [0-9a-f]{12}\)\n$/);
    assert.equal(readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8"), definition("two"));

    const [again, history] = await Promise.all([run("config", "diff", next), run("config", "history")]);
    assert.deepEqual([again.code, again.stdout], [0, ""]);
    assert.match(history.stdout, /^id +time .*\n2 \* .* apply +unix\|\|\d+ +two of them\n1 .* start +file\n$/);

    const back = await run("config", "rollback", "1", "--json");
    assert.equal((JSON.parse(back.stdout) as { from: number }).from, 1);
    assert.equal(readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8"), definition("one"));
  });

  it("names the problems of a definition where they stand here, and ends with 1", async () => {
    const broken = file("broken.yaml", definition("x").replace("path: /", "pat: /"));
    const results = await Promise.all([run("config", "validate", broken), run("config", "apply", broken)]);
    for (const { code, stdout, stderr } of results) {
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /broken\.yaml:3:\d+ {2}error key-unknown/);
      assert.match(stderr, /fix: /);
    }
    assert.match(results[1].stderr, /\(configuration-invalid\)/);
  });

  it("ends with 3 when the configuration in force is another", async () => {
    const { code, stderr } = await run(
      "config",
      "apply",
      file("x.yaml", definition("x")),
      "--if-match",
      "0".repeat(64),
    );
    assert.equal(code, 3);
    assert.match(stderr, /\(configuration-conflict\)\n {2}fix: npx sallyport explain [0-9a-f-]{36}/);
  });

  it("shows the status and reloads", async () => {
    const [status, reload] = await Promise.all([run("status"), run("reload", "--json")]);
    assert.match(status.stdout, /^version +\d+\.\d+\.\d+\n/);
    assert.match(status.stdout, /listeners +http:\/\/127\.0\.0\.1:\d+\n/);
    const { hash } = JSON.parse(reload.stdout) as { hash: string };
    assert.equal((await askAdmin(gateway, "GET /config")).headers.etag, `"${hash}"`);
  });

  it("says where it looked when no gateway answers, and what it lacks", async () => {
    const nowhere = await runCli(["status", "--data", join(gateway.folder, "none")]);
    assert.equal(nowhere.code, 1);
    assert.match(
      nowhere.stderr,
      /no gateway answers at .*none\/admin\.sock: .*\(admin-unreachable\)\n {2}fix: .*--data/,
    );
    const [token, clear] = await Promise.all([
      runCli(["status", "--admin-url", "https://localhost:1"]),
      runCli(["status", "--admin-url", "http://localhost:1"]),
    ]);
    assert.match(token.stderr, /SALLYPORT_ADMIN_TOKEN is not set \(token-missing\)/);
    assert.deepEqual([clear.code, /It takes https:/.test(clear.stderr)], [2, true]);
    const missing = await run("config", "diff", join(gateway.folder, "none.yaml"));
    assert.equal(missing.code, 2);
  });
});
