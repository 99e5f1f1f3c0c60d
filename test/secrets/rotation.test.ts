import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { mailPassword, type MailServer, startMailServer } from "#test/support/mail-server.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";
import { startWebhookReceiver, type WebhookReceiver } from "#test/support/webhook-receiver.ts";

/**
 * A backend of a private CA that wants a client certificate and a key, and a program that makes and drops such keys.
 */
describe("the key of an upstream", { skip: opensslAbsent }, () => {
  let folder: string;
  let upstream: Server;
  /** The last key that it was shown. */
  let shown: string | undefined;
  let mail: MailServer;
  let webhook: WebhookReceiver;
  let gateway: TestGateway;

  const good = (): readonly string[] => readdirSync(join(folder, "good"));
  const inFile = (): string => readFileSync(join(folder, "orders.key"), "utf8").trim();

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-rotation-"));
    mkdirSync(join(folder, "good"));
    writeFileSync(join(folder, "good", "key-first"), "");
    writeFileSync(join(folder, "orders.key"), "key-first\n");
    writeFileSync(
      join(folder, "keys.mjs"),
      `import { readFileSync, rmSync, writeFileSync } from "node:fs";
const good = ${JSON.stringify(join(folder, "good"))};
if (process.argv[2] === "make") {
  const key = "key-" + crypto.randomUUID();
  writeFileSync(good + "/" + key, "");
  console.log(key);
} else rmSync(good + "/" + readFileSync(0, "utf8"));
`,
    );
    const ca = new TestCa();
    const own = ca.issue("DNS:gateway.example");
    const tls = { ...ca.issue("DNS:localhost"), ca: ca.pem, requestCert: true, rejectUnauthorized: true };
    upstream = createServer(tls, (request, response) => {
      request.resume();
      shown = String(request.headers["x-api-key"]);
      response.writeHead(good().includes(shown) ? 200 : 403).end("{}");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => upstream.once("listening", resolve));
    const url = `https://localhost:${(upstream.address() as AddressInfo).port}`;
    for (const [name, pem] of Object.entries({ "ca.pem": ca.pem, "own.pem": own.cert, "own.key": own.key }))
      writeFileSync(join(folder, name), pem);
    mail = await startMailServer();
    webhook = await startWebhookReceiver();
    gateway = await startTestGateway({
      folder,
      args: ["--workers", "2"],
      env: { HOOK_SECRET: `whsec_${Buffer.alloc(32, 7).toString("base64")}`, MAIL_PASSWORD: mailPassword },
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
announcements:
  url: https://localhost
  webhooks: { ops: { url: "${webhook.url}/", secret: { env: HOOK_SECRET } } }
  email: { server: "smtp://127.0.0.1:${mail.port}", from: gateway@app.test, user: gateway, password: { env: MAIL_PASSWORD } }
apis:
  orders: { path: /orders, backend: orders, access: public }
backends:
  orders:
    url: "${url}"
    ca: ca.pem
    tls: { certificate: own.pem, key: { file: own.key } }
    headers: { X-Api-Key: { file: ./orders.key } }
secretRotations:
  orders-key:
    secret: { file: ./orders.key }
    rotation: { every: 90d, grace: 7d, notice: 14d }
    by: { command: ["${process.execPath}", "${join(folder, "keys.mjs")}"] }
    trial: { url: "${url}/health", header: X-Api-Key, backend: orders }
    mailTo: [orders-team@app.test]
  by-hand: { secret: { env: HOOK_SECRET }, rotation: 30d }
`,
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    mail?.close();
    upstream?.close();
    upstream?.closeAllConnections();
    await webhook?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function secrets(...args: readonly string[]): Promise<CliResult> {
    return runCli(["secrets", ...args, "--data", gateway.data]);
  }

  /** Requests all the while, none of which may see anything else than 200. */
  async function under<T>(work: Promise<T>): Promise<T> {
    const statuses: number[] = [];
    let isOver = false;
    const asking = Array.from({ length: 4 }, async () => {
      while (!isOver) statuses.push((await call(gateway, "/orders/1")).status);
    });
    const outcome = await work;
    isOver = true;
    await Promise.all(asking);
    assert.deepEqual(new Set(statuses), new Set([200]));
    return outcome;
  }

  it("is changed for a new one under load, which no request notices", async () => {
    const { code, stdout, stderr } = await under(secrets("rotate", "orders-key"));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^orders-key: a new one is in use; the one before goes on until \d{4}-/);
    assert.notEqual(inFile(), "key-first");
    assert.deepEqual(new Set(good()), new Set(["key-first", inFile()]));
    await call(gateway, "/orders/2");
    assert.equal(shown, inFile());
  });

  it("is changed in an emergency, after which the one before is good for nothing", async () => {
    const waiting = await secrets("rotate", "orders-key");
    assert.equal(waiting.code, 1);
    assert.match(waiting.stderr, /goes on until .*--emergency/);
    const earlier = inFile();
    const { code, stderr } = await under(secrets("rotate", "orders-key", "--emergency"));
    assert.equal(code, 0, stderr);
    assert.deepEqual(good(), [inFile()]);
    assert.notEqual(inFile(), earlier);
  });

  it("is shown with its schedule and never itself, and its changes are on record and told", async () => {
    const { stdout } = await secrets("status");
    assert.match(stdout, /^orders-key +file \.\/orders\.key +command +\d{4}-.* -$/m);
    assert.match(stdout, /^by-hand +env HOOK_SECRET +by hand/m);
    const found = await runCli(["audit", "search", 'event.startsWith("secret.")', "--json", "--data", gateway.data]);
    const lines = found.stdout.trim().split("\n");
    const events = lines.map((line) => (JSON.parse(line) as { readonly event: string }).event);
    assert.deepEqual(
      events.toSorted(),
      ["secret.dropped", "secret.dropped", "secret.rotated", "secret.rotated"],
      found.stdout + found.stderr,
    );
    const told = webhook.calls.map(({ body }) => String(body));
    assert.ok(told.some((text) => text.includes('"secret.rotated"') && text.includes('"orders-key"')));
    while (mail.mails.length < 4) await sleep(20);
    assert.deepEqual(new Set(mail.mails.map(({ to }) => to)), new Set(["orders-team@app.test"]));
    const mails = mail.mails.map(({ text }) => text);
    assert.ok(mails.some((text) => text.includes("There is a new secret orders-key")));
    assert.ok(mails.some((text) => text.includes("The secret orders-key from before is not good any more.")));
    const everything = [...mails, stdout, found.stdout, gateway.output(), ...told].join("\n");
    for (const key of ["key-first", inFile()]) assert.ok(!everything.includes(key));
  });

  it("one that nobody makes is changed where it is", async () => {
    const { code, stderr } = await secrets("rotate", "by-hand");
    assert.equal(code, 1);
    assert.match(stderr, /nothing makes a new by-hand: change it where it is/);
    assert.equal((await secrets("rotate", "unknown")).code, 1);
  });
});
