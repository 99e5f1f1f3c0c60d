import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { type CliResult, cli, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand, root } from "#test/support/require.ts";

const demo = join(root, "demo", "main.ts");
const launcher = join(root, "bin", "sallyport.mjs");

function definition(port: number): string {
  return `version: 1
edge: { https: off, listen: { http: "127.0.0.1:${port}" } }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;
}

/** What one learns of the command line by making mistakes. */
describe("command line", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-cli-"));
    file = join(folder, "sallyport.yaml");
    writeFileSync(file, definition(0));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("ends without a word when whoever reads has read enough", async () => {
    const script = `'${process.execPath}' '${cli}' schema | head -c 10`;
    const child = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.resume();
    await new Promise((resolve) => child.once("close", resolve));
    assert.equal(stderr, "");
  });

  for (const args of [[], ["--help"], ["help"], ["audit"], ["help", "run"], ["--version"]]) {
    it(`\`sallyport ${args.join(" ")}\` answers on standard output and ends with 0`, async () => {
      const { code, stdout, stderr } = await runCli(args);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, args[0] === "--version" ? /^\d+\.\d+\.\d+\n$/ : /^Usage: sallyport/);
    });
  }

  for (const command of [["run"], ["check"], ["explain"], ["audit", "verify"], ["audit", "tail"], ["schema"]]) {
    it(`\`sallyport ${command.join(" ")} --help\` has an example`, async () => {
      const { code, stdout } = await runCli([...command, "--help"]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`Examples?:\\n(.*\\n)*? +sallyport ${command.join(" ")}`));
    });
  }

  const wrongUsage: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [["chekc"], /unknown command 'chekc'\n\(Did you mean check\?\)/],
    [["audit", "verfy"], /Did you mean verify/],
    [["run", "--confg", "x"], /Did you mean --config/],
    [["check", "extra"], /too many arguments/],
    [["explain"], /missing required argument 'id'/],
    [["run", "--workers", "many"], /It takes a number from 1 to 256/],
    [["run", "--workers", "0"], /It takes a number from 1 to 256/],
    [["run", "--log-level", "loud"], /choices are debug, info, warn, error/],
    [["check", "--set", "name"], /It takes name=value/],
    [["audit", "tail", "--last", "1e3"], /It takes a number/],
  ];
  for (const [args, says] of wrongUsage) {
    it(`\`sallyport ${args.join(" ")}\` is wrong usage: 2, and standard output stays clean`, async () => {
      const { code, stdout, stderr } = await runCli(args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, says);
    });
  }

  it("the quick start's own commands answer alike", async () => {
    const nobody = await runCli(["nobody"], {}, demo);
    assert.equal(nobody.code, 2);
    const workers = await runCli(["run", "--workers", "x"], {}, demo);
    assert.deepEqual([workers.code, /a number from 1/.test(workers.stderr)], [2, true]);
    const production = await runCli(["run", "--env", "prod"], {}, demo);
    assert.deepEqual([production.code, /never for production/.test(production.stderr)], [1, true]);
    const early = await runCli(["credentials", "--data", join(folder, "none")], {}, demo);
    assert.deepEqual([early.code, early.stdout], [1, ""]);
    assert.match(early.stderr, /start it with: npm start/);
  });

  it("check says what a definition holds, with 0, and [] as JSON", async () => {
    const { code, stdout, stderr } = await runCli(["check", "--config", file]);
    assert.deepEqual([code, stdout, stderr], [0, "ok: 1 API, 1 operation (environment default)\n", ""]);
    const json = await runCli(["check", "--json", "--config", file]);
    assert.deepEqual([json.code, JSON.parse(json.stdout)], [0, []]);
  });

  for (const command of ["check", "run"]) {
    it(`${command} names a definition that is not there, and ends with 1`, async () => {
      const { code, stderr } = await runCli([command, "--config", join(folder, "nowhere.yaml")]);
      assert.equal(code, 1);
      assert.match(
        stderr,
        /file-unreadable.*nowhere\.yaml does not exist\n {2}fix: name a definition that is there: --config FILE/,
      );
    });

    it(`${command} names an environment that is not there, and ends with 1`, async () => {
      const { code, stderr } = await runCli([command, "--config", file, "--env", "dev"]);
      assert.equal(code, 1);
      assert.match(stderr, /environment-unknown.*\n(.*\n)*.*fix: leave out --env/);
    });
  }

  it("problems as JSON have code, place and fix, also when the file is missing", async () => {
    const { code, stdout, stderr } = await runCli(["check", "--json", "--config", join(folder, "nowhere.yaml")]);
    assert.deepEqual([code, stderr], [1, ""]);
    const [problem] = JSON.parse(stdout) as Record<string, unknown>[];
    assert.deepEqual([problem?.["code"], problem?.["line"], typeof problem?.["fix"]], ["file-unreadable", 1, "string"]);
  });

  it("places are relative to where one is", async () => {
    const broken = join(folder, "broken.yaml");
    writeFileSync(broken, "version: 1\napi: {}\n");
    const { stderr } = await runIn(folder, ["check", "--config", broken]);
    assert.match(stderr, /^broken\.yaml:2:1 {2}error key-unknown/);
  });

  it("colours are for terminals: none in a pipe", async () => {
    const { stderr } = await runCli(["check", "--config", join(folder, "nowhere.yaml")], { FORCE_COLOR: "" });
    assert.ok(!stderr.includes("\u001b"));
  });

  it("colours are for terminals: on one, unless NO_COLOR is set", needsCommand("script"), async () => {
    const shown = async (env: Readonly<Record<string, string>>): Promise<string> => {
      // Node takes a build server for a terminal without colours.
      const line = `env -u CI ${process.execPath} ${cli} check --config ${join(folder, "nowhere.yaml")}`;
      return (await runProcess("script", ["-qec", line, "/dev/null"], { env: { TERM: "xterm-256color", ...env } }))
        .stdout;
    };
    assert.ok((await shown({})).includes("\u001b[31;1m"));
    assert.ok(!(await shown({ NO_COLOR: "1" })).includes("\u001b"));
  });

  it("a folder without a record is a failure of explain, verify and tail, not an empty success", async () => {
    for (const args of [
      ["explain", "x"],
      ["audit", "verify"],
      ["audit", "verify", "--json"],
      ["audit", "tail"],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, "--data", join(folder, "none")]);
      assert.deepEqual([code, stdout], [1, ""]);
      assert.match(stderr, /there is no record in .*\(record-missing\)\n {2}fix: .*--data/);
    }
  });

  it("the schema is JSON", async () => {
    const { code, stdout } = await runCli(["schema"]);
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { title: string }).title, "Sallyport definition");
  });
});

describe("starting with something in the way", () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startTestGateway({ definition: definition(0), args: ["--workers", "1"] });
  });
  after(() => gateway.cleanUp());

  /** Through the launcher, as `npx sallyport` does: its channel must not keep a failed start alive. */
  async function start(text: string, data: string): Promise<CliResult> {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-cli-"));
    try {
      writeFileSync(join(folder, "sallyport.yaml"), text);
      const args = [
        launcher,
        "run",
        "--config",
        join(folder, "sallyport.yaml"),
        "--data",
        data || join(folder, "data"),
      ];
      return await runProcess(process.execPath, args, { timeout: 20_000 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  it("a port in use: says which, what to do, and ends with 1", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as AddressInfo;
    const { code, stderr } = await start(definition(port), "");
    blocker.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}: .*\\(port-in-use\\)\\n {2}fix: `));
    assert.doesNotMatch(stderr, /\n {4}at /);
  });

  it("a data folder that another gateway has: says so, and ends with 1", async () => {
    const { code, stderr } = await start(definition(0), gateway.data);
    assert.equal(code, 1);
    assert.match(stderr, /another gateway uses the data folder .*\(data-locked\)\n {2}fix: .*--data/);
  });

  it("a data folder that is a file: says so, and ends with 1", async () => {
    const { code, stderr } = await start(definition(0), join(gateway.folder, "sallyport.yaml"));
    assert.equal(code, 1);
    assert.match(stderr, /cannot be written \(store-unavailable\)/);
  });

  it("explain: a request is found by its id, text and JSON; an unknown one and what is no id are told apart", async () => {
    const id = String((await call(gateway, "/")).headers["x-request-id"]);
    let found: CliResult;
    do found = await runCli(["explain", id, "--data", gateway.data, "--json"]);
    while (found.code !== 0 && /record-not-found/.test(found.stderr));
    assert.equal((JSON.parse(found.stdout) as { id: string }).id, id);
    const text = await runCli(["explain", id, "--data", gateway.data]);
    assert.match(text.stdout, new RegExp(`^Request ${id} allowed`));
    const other = await runCli(["explain", "0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11", "--data", gateway.data]);
    assert.deepEqual([other.code, other.stdout], [1, ""]);
    assert.match(other.stderr, /record-not-found\)\n {2}fix: .*--data/);
    const noId = await runCli(["explain", "\u001b[31m", "--data", gateway.data]);
    assert.equal(noId.code, 1);
    assert.match(noId.stderr, /record-not-found\)\n {2}fix: an id is the X-Request-Id/);
    assert.ok(!noId.stderr.includes("\u001b"));
  });

  it("verify and tail speak JSON", async () => {
    const verified = await runCli(["audit", "verify", "--json", "--data", gateway.data]);
    assert.deepEqual([verified.code, (JSON.parse(verified.stdout) as { ok: boolean }).ok], [0, true]);
    const tail = await runCli(["audit", "tail", "--json", "--last", "3", "--data", gateway.data]);
    const lines = tail.stdout.trimEnd().split("\n");
    assert.ok(lines.length > 0 && lines.length <= 3);
    for (const line of lines) JSON.parse(line);
  });

  it("SALLYPORT_DATA names the data folder", async () => {
    const { code } = await runCli(["audit", "verify"], { SALLYPORT_DATA: gateway.data });
    assert.equal(code, 0);
  });
});

describe("npx sallyport", needsCommand("npx"), () => {
  for (const where of [".", "docs"]) {
    it(`is found in ${where === "." ? "a checkout" : "a folder of it"}, without an installed link`, async () => {
      const env = { npm_config_offline: "true", npm_config_yes: "false", npm_config_update_notifier: "false" };
      const { code, stdout } = await runProcess("npx", ["sallyport", "--version"], { cwd: join(root, where), env });
      assert.equal(code, 0);
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
    });
  }

  it("hands arguments and exit codes on as they are", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport cli "));
    mkdirSync(join(folder, "a b"));
    writeFileSync(join(folder, "a b", "it's.yaml"), definition(0));
    const { code } = await runProcess(process.execPath, [launcher, "check", "--config", "a b/it's.yaml"], {
      cwd: folder,
    });
    const wrong = await runProcess(process.execPath, [launcher, "chekc"], { cwd: folder });
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual([code, wrong.code], [0, 2]);
  });
});

interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is killed; the code is null then. */
  readonly timeout?: number;
}

function runIn(cwd: string, args: readonly string[]): Promise<CliResult> {
  return runProcess(process.execPath, [cli, ...args], { cwd });
}

async function runProcess(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<CliResult> {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  const { cwd = root, timeout = 60_000 } = options;
  const env = { ...inherited, ...options.env };
  const child = spawn(command, [...args], {
    cwd,
    env,
    timeout,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding("utf8").toArray(),
    child.stderr.setEncoding("utf8").toArray(),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]);
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}
