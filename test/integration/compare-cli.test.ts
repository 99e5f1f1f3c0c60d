import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gitFiles } from "#cli/comparison/git-files.ts";
import { runCli } from "#test/support/gateway.ts";

const text = `version: 1
apis:
  orders:
    path: /orders
    backend: orders
    access: public
    policies: { inbound: [base, { rate-limit-by-key: { calls: "{{calls}}", period: 60s, key: "\${request.clientAddress}" } }] }
backends:
  orders: { url: "{{url}}", headers: { X-Token: "{{token}}", X-Own: { file: ./own } } }
environments:
  dev: { values: { url: "http://127.0.0.1:9001", token: { env: DEV_TOKEN }, calls: 10 } }
  prod:
    values: { url: "https://orders.example.com", token: { env: PROD_TOKEN }, calls: 100 }
    backends: { orders: { headers: { X-Own: { file: /run/secrets/own } } } }
    hosts: { orders: [api.example.com] }
`;

describe("definitions on the command line", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-compare-"));
    file = join(folder, "sallyport.yaml");
    writeFileSync(file, text);
    git("init", "-q");
    git("add", ".");
    git("commit", "-q", "-m", "first");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const git = (...args: readonly string[]): void => {
    const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    execFileSync("git", [...who, ...args], { cwd: folder });
  };
  const run = (...args: readonly string[]): ReturnType<typeof runCli> => runCli([...args, "--config", file]);

  it("diff says what differs between environments, without any of their secrets at hand", async () => {
    const { code, stdout } = await run("diff", "dev", "prod");
    assert.equal(code, 1);
    assert.equal(
      stdout,
      `values
  ~ url "http://127.0.0.1:9001" → "https://orders.example.com"
  ~ token secret from env DEV_TOKEN → secret from env PROD_TOKEN
  ~ calls 10 → 100
policies
  ~ API orders: policies.inbound.rate-limit-by-key.calls 10 → 100
secrets
  ~ backend orders: credentials.headers.X-Own.origin "file ./own" → "file /run/secrets/own"
hosts
  ~ API orders: hosts [] → ["api.example.com"]
backends
  ~ backend orders: targets[0].url "http://127.0.0.1:9001" → "https://orders.example.com"
  ~ backend orders: host "preserve" → "upstream"
settings
  ~ production false → true
`,
    );
  });

  it("diff says it as JSON", async () => {
    const { stdout } = await run("diff", "dev", "prod", "--json");
    const answer = JSON.parse(stdout) as Readonly<Record<string, unknown>>;
    assert.partialDeepStrictEqual(answer, {
      from: { environment: "dev" },
      to: { environment: "prod" },
      differs: true,
      values: [{ name: "url" }, { name: "token", before: { secret: "env DEV_TOKEN" } }, { name: "calls", after: 100 }],
    });
  });

  it("diff compares with a git revision, in which nothing is checked out", async () => {
    writeFileSync(file, text.replace("calls: 100", "calls: 200"));
    const { code, stdout } = await run("diff", "prod", "--since", "HEAD");
    writeFileSync(file, text);
    assert.equal(code, 1);
    assert.match(stdout, /rate-limit-by-key\.calls 100 → 200/);
    const read = await gitFiles("HEAD", file);
    assert.equal(String(await read(file)), text);
    await assert.rejects(read(join(folder, "none")), { code: "ENOENT" });
    await assert.rejects(read(folder), { code: "EISDIR" });
    for (const revision of ["nowhere", "--help", "HEAD:sallyport.yaml", ""]) {
      await assert.rejects(gitFiles(revision, file), /revision-unknown/, revision);
    }
  });

  it("diff ends with 2 when it cannot say", async () => {
    const { code, stdout, stderr } = await run("diff", "dev", "prd");
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /environment-unknown/);
  });

  it("render writes a definition that is the same, whole or not at all", async () => {
    const target = join(folder, "prod.yaml");
    const made = await run("render", "--env", "prod", "--output", target);
    assert.deepEqual([made.code, made.stdout, made.stderr], [0, "", ""]);
    const rendered = readFileSync(target, "utf8");
    assert.match(rendered, /url: https:\/\/orders\.example\.com/);
    assert.match(rendered, /token:\n {8}env: PROD_TOKEN/);
    assert.equal((await run("diff", "prod", "--against", target)).code, 0);
    const elsewhere = join(folder, "none", "prod.yaml");
    const failed = await run("render", "--env", "prod", "--output", elsewhere);
    assert.deepEqual([failed.code, existsSync(elsewhere)], [1, false]);
    assert.match(failed.stderr, /file-unwritable\)\n {2}fix: /);
  });

  it("promote gets rid of an exception that has ended, and does not put one in force", async () => {
    const ended = join(folder, "ended.yaml");
    const exception = `    exceptions:
      old: { api: orders, section: inbound, policy: rate-limit-by-key, argument: calls, value: 5, reason: r, approvedBy: a, until: 2026-01-01 }
`;
    writeFileSync(ended, text + exception);
    const without = await runCli([
      "promote",
      "--to",
      "prod",
      "--config",
      file,
      "--against",
      ended,
      "--accept",
      "limit-looser",
    ]);
    assert.equal(without.code, 0, without.stderr);
    assert.match(without.stdout, /exception-ended +exception old: /);
    const again = await runCli(["promote", "--to", "prod", "--config", ended, "--against", ended]);
    assert.deepEqual([again.code, again.stdout], [1, ""]);
    assert.match(again.stderr, /error exception-expired/);
  });
});
