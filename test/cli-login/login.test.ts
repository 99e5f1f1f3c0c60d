import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, beforeEach, describe, it } from "node:test";
import { decodeJwt } from "jose";
import { type CliResult, cli, runCli, spawnCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { PlainBrowser } from "#test/support/plain-browser.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { type PeopleProvider, startPeopleProvider } from "./people-provider.ts";

const audience = "api://orders";

/** The command line, a real provider and a real gateway; pages are clicked through over plain HTTP. */
describe("login from a command line", () => {
  let provider: PeopleProvider;
  let upstream: TestUpstream;
  let elsewhere: TestUpstream;
  let gateway: TestGateway;
  let address: string;
  let trusted: readonly string[];
  let state: string;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    provider = await startPeopleProvider(audience);
    elsewhere = await startUpstream();
    upstream = await startUpstream((request, response) => {
      request.resume();
      if (request.url === "/away") return void response.writeHead(302, { location: `${elsewhere.url}/there` }).end();
      return void response.end(JSON.stringify({ path: request.url }));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity:
  providers: { corp: { issuer: "${provider.issuer}", audiences: ["${audience}"] } }
  cli: { provider: corp, clientId: cli, scopes: [openid, email, orders.read, offline_access], resource: "${audience}", prompt: consent }
apis:
  orders: { path: /orders, backend: up, access: [{ allow: '"staff" in principal.groups' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
    address = gateway.url;
    trusted = ["--ca", join(gateway.data, "ca", "root.crt")];
  });
  beforeEach(() => {
    if (state !== undefined) rmSync(state, { recursive: true, force: true });
    state = mkdtempSync(join(tmpdir(), "sallyport-state-"));
    env = { XDG_STATE_HOME: state };
    provider.lifetime = 3600;
  });
  after(async () => {
    rmSync(state, { recursive: true, force: true });
    await gateway?.cleanUp();
    await upstream?.close();
    await elsewhere?.close();
    await provider?.close();
  });

  const file = (): string => join(state, "sallyport", "logins.json");
  const run = (...args: readonly string[]): Promise<CliResult> => runCli(args, env);

  /** What a command that waits for a person has printed; the command goes on. */
  async function begin(
    pattern: RegExp,
    ...args: readonly string[]
  ): Promise<{ match: RegExpExecArray; end: Promise<CliResult>; child: ChildProcess }> {
    const child = spawnCli(cli, args, env);
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk: Buffer) => void (stdout += String(chunk)));
    child.stderr?.on("data", (chunk: Buffer) => void (stderr += String(chunk)));
    const end = new Promise<CliResult>((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
    for (let tries = 0; !pattern.test(stderr); tries += 1) {
      if (tries > 400 || child.exitCode !== null) throw new Error(`not printed: ${stderr}`);
      await sleep(25);
    }
    return { match: pattern.exec(stderr) as RegExpExecArray, end, child };
  }

  async function loginByBrowser(who: string, ...args: readonly string[]): Promise<CliResult> {
    const { match, end } = await begin(/go to\n(\S+)\n/, "login", ...args, "--no-browser");
    const browser = new PlainBrowser();
    await browser.open(match[1] as string);
    await browser.submit({ login: who, password: "x" });
    await browser.submit();
    assert.match(browser.text, /You are logged in/);
    return end;
  }

  it("needs the gateway's address alone, and a browser that comes back to this machine", async () => {
    const { code, stdout, stderr } = await loginByBrowser("ann", address, ...trusted);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as ann@example.com\n$/);
    assert.equal(stdout, "");
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(state, "sallyport")), ["logins.json"]);
    const token = await run("token");
    const claims = decodeJwt(token.stdout.trim());
    assert.deepEqual([token.code, claims.sub, claims.aud], [0, "ann", audience]);
    assert.ok(!stderr.includes(token.stdout.trim()));
  });

  it("needs no browser on this machine by a code", async () => {
    const { match, end } = await begin(
      /Open (\S+) and enter the code (\S+)\n/,
      "login",
      address,
      "--device",
      ...trusted,
    );
    const browser = new PlainBrowser();
    await browser.open(match[1] as string);
    await browser.submit({ user_code: match[2] as string });
    await browser.submit({ confirm: "yes" });
    await browser.submit({ login: "ben", password: "x" });
    await browser.submit();
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Logged in as ben@example.com/);
    assert.equal(decodeJwt((await run("token")).stdout.trim()).sub, "ben");
  });

  it("renews a token before its end, once for all who ask at a time", async () => {
    provider.lifetime = 30;
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    provider.lifetime = 3600;
    const refreshes = (): number => provider.granted.filter((grant) => grant === "refresh_token").length;
    const already = refreshes();
    const tokens = await Promise.all([run("token"), run("token"), run("token")]);
    assert.deepEqual(
      tokens.map(({ code }) => code),
      [0, 0, 0],
    );
    assert.equal(new Set(tokens.map(({ stdout }) => stdout)).size, 1);
    assert.equal(refreshes(), already + 1);
  });

  it("calls the gateway with curl, and shows the token to no process list", async () => {
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    const { stdout: token } = await run("token");
    const called = await run("curl", `${address}/orders/7`, "-s");
    assert.deepEqual([called.code, called.stdout], [0, '{"path":"/7"}'], called.stderr);
    assert.equal((await run("curl", "/orders/8", "-s")).stdout, '{"path":"/8"}');
    assert.equal(upstream.seen.at(-1)?.headers.authorization, `Bearer ${token.trim()}`);
    const child = spawn(process.execPath, [cli, "curl", "/orders/9", "-s", "--json", "@-"], {
      env: { ...process.env, ...env },
    });
    child.stdin.end('{"item":7}');
    assert.deepEqual(await once(child, "close"), [0, null]);
    assert.equal(upstream.seen.at(-1)?.headers["content-length"], "10");
    const redirected = await run("curl", "/orders/away", "-s", "-L");
    assert.deepEqual(
      [redirected.stdout, elsewhere.seen.at(-1)?.headers.authorization],
      ['{"path":"/there"}', undefined],
    );
    // It waits for its body, so that it can be looked at.
    const slow = spawn(process.execPath, [cli, "curl", "/orders/slow", "-s", "-T", "-"], {
      env: { ...process.env, ...env },
    });
    await sleep(1200);
    const lines = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(commandLine);
    assert.ok(lines.some((line) => line.includes("curl") && line.includes("/orders/slow")));
    assert.ok(!lines.some((line) => line.includes(token.trim().slice(-40))));
    slow.stdin.end();
    assert.deepEqual(await once(slow, "close"), [0, null]);
    const elsewheres = [
      ["https://elsewhere.example/x"],
      ["/orders/7", "http://elsewhere.example"],
      ["/orders/7", "--location-trusted"],
      ["/orders/7", "-L", "--location-tr"],
      ["/orders/7", "--nex"],
      ["/orders/7", "elsewhere.example"],
      ["/orders/7", "-s", "elsewhere.example"],
      ["/orders/7", "--url", "elsewhere.example"],
      ["/orders/7", "-sK", "file"],
      ["/orders/7", "--connect-to", "::elsewhere.example:"],
      ["/orders/7", "--unheard-of", "elsewhere.example"],
    ];
    const refused = await Promise.all(elsewheres.map((args) => run("curl", ...args)));
    assert.deepEqual(
      refused.map(({ code }) => code),
      [3, ...Array<number>(elsewheres.length - 1).fill(1)],
    );
    assert.equal((await run("curl", "/nowhere", "-s", "--fail")).code, 22);
  });

  it("says what the gateway takes one for", async () => {
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    const { code, stdout, stderr } = await run("whoami", "--json");
    assert.equal(code, 0, stderr);
    const answer = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual([answer["subject"], answer["groups"], answer["from"]], ["ann", ["staff"], address]);
    assert.equal(answer["id"], `${provider.issuer}||ann`);
    assert.match((await run("whoami")).stdout, /^groups +staff$/m);
    const kept = readFileSync(file(), "utf8");
    writeFileSync(file(), kept.replace(/("accessToken": "[^"]+\.)[^".]+"/, '$1AAAA"'), { mode: 0o600 });
    const refused = await run("whoami");
    assert.deepEqual([refused.code, refused.stdout], [3, ""]);
    assert.match(refused.stderr, /does not take the token \(token-signature-invalid\)/);
  });

  it("takes a provider as well, beside a gateway; whoever types an address then says where its token goes", async () => {
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    const named = [
      "--issuer",
      provider.issuer,
      "--client-id",
      "cli",
      "--resource",
      audience,
      "--scope",
      "openid email",
    ];
    assert.equal((await loginByBrowser("cem", ...named)).code, 0);
    const subjectOf = async (...args: readonly string[]): Promise<unknown> =>
      decodeJwt((await run("token", ...args)).stdout.trim()).sub;
    // The last one, until another is named.
    assert.deepEqual(await Promise.all([subjectOf(), subjectOf("--login", address)]), ["cem", "ann"]);
    const { stdout } = await run("whoami", "--json");
    assert.equal((JSON.parse(stdout) as Record<string, unknown>)["from"], `the token of ${provider.issuer}`);
    const target = `${elsewhere.url}/typed`;
    assert.equal((await run("curl", target, "-s")).code, 3);
    assert.equal((await run("curl", "--login", provider.issuer, target, "-s")).code, 0);
    const [, token = ""] = String(elsewhere.seen.at(-1)?.headers.authorization).split(" ");
    assert.equal(decodeJwt(token).sub, "cem");
    assert.equal((await run("logout")).code, 0);
    assert.equal(await subjectOf(), "ann");
  });

  it("is over after logout: here, and at the provider", async () => {
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    const kept = readFileSync(file(), "utf8");
    const { code, stderr } = await run("logout");
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^Logged out of https:\S+; the provider takes access tokens not back: the last one is good until /,
    );
    const gone = await run("token");
    assert.deepEqual([gone.code, gone.stdout], [3, ""]);
    assert.match(gone.stderr, /nobody is logged in \(login-missing\)\n {2}fix: sallyport login/);
    // Whoever has kept a copy of the file has nothing that could be renewed.
    const copy = JSON.parse(kept) as { logins: { expiresAt: number }[] };
    for (const login of copy.logins) login.expiresAt = 1;
    writeFileSync(file(), JSON.stringify(copy), { mode: 0o600 });
    assert.equal((await run("token")).code, 3);
  });

  it("says what is wrong, and how to mend it", async () => {
    const table: readonly (readonly [readonly string[], number, RegExp])[] = [
      [["login"], 1, /not said where to log in \(login-nowhere\)/],
      [["login", "http://api.example.com"], 1, /not reached over TLS \(address-insecure\)/],
      [["login", upstream.url], 1, /does not say how one logs in from a command line|does not log in/],
      [["login", "http://127.0.0.1:1"], 1, /does not answer.*address-unreachable/],
      [
        ["login", "--issuer", provider.issuer, "--client-id", "nobody", "--device"],
        1,
        /does not log in: invalid_client/,
      ],
      [["token", "--login", "https://other.example"], 3, /nobody is logged in at https:\/\/other.example/],
      [["login", address], 1, /does not answer.*\n {2}fix: name the authority's certificate: --ca <file>/],
      [["login", address, "--ca", "/nowhere"], 1, /cannot be used.*certificate-unusable/],
      [["whoami"], 3, /login-missing/],
      [["login", "--port", "x"], 2, /It takes a port/],
    ];
    const results = await Promise.all(table.map(([args]) => run(...args)));
    for (const [at, [args, code, expected]] of table.entries()) {
      const result = results[at] as CliResult;
      assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
      assert.match(result.stderr, expected);
      assert.doesNotMatch(result.stderr, /^ +at /m);
    }
    assert.equal((await loginByBrowser("ann", address, ...trusted)).code, 0);
    chmodSync(file(), 0o644);
    const exposed = await run("token");
    assert.deepEqual([exposed.code, exposed.stdout], [1, ""]);
    assert.match(exposed.stderr, /can be read by others \(login-exposed\)/);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
