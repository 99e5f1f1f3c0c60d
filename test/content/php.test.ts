import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "#test/support/free-port.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { fpm, startFpm } from "#test/support/php-fpm.ts";
import { needsCommand } from "#test/support/require.ts";

const scripts: Readonly<Record<string, string>> = {
  "index.php": `<?php header('Content-Type: text/plain'); echo 'front ', $_SERVER['REQUEST_URI'];`,
  "env.php": `<?php header('Content-Type: application/json'); echo json_encode($_SERVER);`,
  "post.php": `<?php $b = file_get_contents('php://input'); echo json_encode(['len' => strlen($b), 'sha' => sha1($b), 'post' => $_POST]);`,
  "status.php": `<?php http_response_code(418); header('X-One: 1'); header('Set-Cookie: a=1'); header('Set-Cookie: b=2', false); echo 'tea';`,
  "move.php": `<?php header('Location: /elsewhere');`,
  "slow.php": `<?php for ($i = 0; $i < 4; $i++) { echo "part $i\\n"; ob_flush(); flush(); usleep(150000); }`,
  "sleep.php": `<?php sleep(5); echo 'late';`,
  "big.php": `<?php header('Content-Type: application/octet-stream'); for ($i = 0; $i < 320; $i++) echo str_repeat(chr(65 + $i % 26), 65536);`,
  "log.php": `<?php error_log("a line for the log"); echo 'logged';`,
  "die.php": `<?php echo 'half'; flush(); posix_kill(getmypid(), 9);`,
  "length.php": `<?php header('Content-Length: 5'); echo 'ok';`,
  "sub/index.php": `<?php echo 'sub ', $_SERVER['SCRIPT_NAME'];`,
  "plain.txt": "a plain file\n",
  "upper.PHP": "<?php secret source",
  "upload.jpg": "<?php echo 'this must never run';",
  ".hidden.php": "<?php echo 'hidden';",
};

const definition = (socket: string, port: number, root: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" }, trustedProxies: [127.0.0.9] }
apis:
  site: { path: /, access: public, fastcgi: { server: "unix:${socket}", root: ${root}, env: { APP_ENV: test } } }
  tcp: { path: /tcp, access: public, fastcgi: { server: "127.0.0.1:${port}", root: ${root}, keepAlive: 2, fallback: none } }
  held: { path: /held, access: [{ allow: principal.authenticated }], fastcgi: { server: "unix:${socket}", root: ${root} } }
  quick: { path: /quick, access: public, timeout: 500ms, fastcgi: { server: "unix:${socket}", root: ${root} } }
  down: { path: /down, access: public, fastcgi: { server: "unix:${socket}.not", root: ${root} } }
`;

describe("PHP-FPM behind the gateway", { ...needsCommand(fpm) }, () => {
  let folder: string;
  let php: ChildProcess;
  let gateway: TestGateway;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-php-"));
    const root = join(folder, "public");
    for (const [name, text] of Object.entries(scripts)) {
      mkdirSync(join(root, name, ".."), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    writeFileSync(join(folder, "outside.php"), "<?php echo 'outside';");
    symlinkSync(join(folder, "outside.php"), join(root, "link.php"));
    const socket = join(folder, "php.sock");
    const [port = 0] = await freePorts(1);
    php = await startFpm(folder, socket, port);
    gateway = await startTestGateway({ definition: definition(socket, port, root), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    php.kill("SIGTERM");
    if (php.exitCode === null) await new Promise((resolve) => php.once("exit", resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells the script what CGI says", async () => {
    const headers = { "x-one": "1", proxy: "http://evil.example", cookie: ["a=1", "b=2"], authorization: "Basic eDp5" };
    const response = await call(gateway, "/env.php/more/info%20here?q=a%20b&x=1", { headers });
    assert.equal(response.status, 200);
    const seen = response.json();
    const expected: Readonly<Record<string, unknown>> = {
      GATEWAY_INTERFACE: "CGI/1.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/env.php/more/info%20here?q=a%20b&x=1",
      QUERY_STRING: "q=a%20b&x=1",
      SCRIPT_NAME: "/env.php",
      SCRIPT_FILENAME: join(folder, "public", "env.php"),
      DOCUMENT_ROOT: join(folder, "public"),
      PATH_INFO: "/more/info here",
      REMOTE_ADDR: "127.0.0.1",
      SERVER_NAME: "localhost",
      SERVER_PORT: String(gateway.port),
      SERVER_PROTOCOL: "HTTP/1.1",
      HTTP_X_ONE: "1",
      HTTP_COOKIE: "a=1; b=2",
      HTTP_X_FORWARDED_PROTO: "http",
      APP_ENV: "test",
      HTTPS: undefined,
      HTTP_PROXY: undefined,
      CONTENT_LENGTH: undefined,
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(seen[name] === "" ? undefined : seen[name], value, name);
    assert.equal(seen["HTTP_X_REQUEST_ID"], response.headers["x-request-id"]);
  });

  it("says HTTPS where a proxy that is believed had the client over it", async () => {
    const told = async (localAddress: string): Promise<readonly unknown[]> => {
      const headers = { host: "shop.test", "x-forwarded-proto": "https" };
      const options = { host: "127.0.0.1", port: gateway.port, path: "/env.php", localAddress, headers, agent: false };
      const [response] = (await once(request(options).end(), "response")) as [IncomingMessage];
      const seen = (await json(response)) as Record<string, unknown>;
      return [seen["HTTPS"], seen["REQUEST_SCHEME"], seen["SERVER_PORT"]];
    };
    assert.deepEqual(await told("127.0.0.9"), ["on", "https", "443"]);
    assert.deepEqual(await told("127.0.0.1"), [undefined, "http", "80"]);
  });

  it("takes bodies with a length, in chunks, and large ones", async () => {
    const form = await call(gateway, "/post.php", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=1&b=2",
    });
    assert.deepEqual(form.json()["post"], { a: "1", b: "2" });
    const large = await send(gateway, "/post.php", Buffer.alloc(3_000_000, "x"), true);
    assert.deepEqual([large.status, JSON.parse(large.text).len], [200, 3_000_000]);
    const chunked = await send(gateway, "/post.php", Buffer.alloc(200_000, "y"), false);
    assert.deepEqual([chunked.status, JSON.parse(chunked.text).len], [200, 200_000]);
    const endless = await send(gateway, "/post.php", Buffer.alloc(2_000_000, "z"), false);
    assert.deepEqual([endless.status, JSON.parse(endless.text).reason], [411, "length-required"]);
  });

  it("asks a client that waits for its body, unless the request is refused", async () => {
    const upload = (path: string): Promise<readonly number[]> =>
      new Promise((resolve, reject) => {
        const statuses: number[] = [];
        const headers = { expect: "100-continue", "content-length": "4" };
        const sent = request({ host: "127.0.0.1", port: gateway.port, path, method: "POST", headers }, (response) => {
          statuses.push(response.statusCode ?? 0);
          response.resume();
          response.on("end", () => {
            sent.destroy();
            resolve(statuses);
          });
        });
        sent.on("continue", () => {
          statuses.push(100);
          sent.end("body");
        });
        sent.on("error", reject);
        sent.flushHeaders();
      });
    assert.deepEqual(await upload("/post.php"), [100, 200]);
    assert.deepEqual(await upload("/held/post.php"), [401]);
  });

  it("hands on status, fields and redirects", async () => {
    const tea = await call(gateway, "/status.php");
    assert.deepEqual([tea.status, tea.text, tea.headers["x-one"]], [418, "tea", "1"]);
    assert.deepEqual(tea.headers["set-cookie"], ["a=1", "b=2"]);
    const moved = await call(gateway, "/move.php");
    assert.deepEqual([moved.status, moved.headers.location], [302, "/elsewhere"]);
    const head = await call(gateway, "/status.php", { method: "HEAD" });
    assert.deepEqual([head.status, head.text], [418, ""]);
  });

  it("finds scripts, folders, files and the front controller", async () => {
    for (const [path, text] of [
      ["/", "front /"],
      ["/any/route?x=1", "front /any/route?x=1"],
      ["/missing.php", "front /missing.php"],
      ["/sub/", "sub /sub/index.php"],
      ["/tcp/sub/", "sub /tcp/sub/index.php"],
      ["/plain.txt", "a plain file\n"],
    ] as const) {
      assert.equal((await call(gateway, path)).text, text, path);
    }
    const folderAsked = await call(gateway, "/sub");
    assert.deepEqual([folderAsked.status, folderAsked.headers.location], [308, "/sub/"]);
    assert.equal((await call(gateway, "/tcp/any/route")).status, 404);
    assert.equal((await call(gateway, "/plain.txt")).headers["content-type"], "text/plain; charset=utf-8");
  });

  it("runs nothing but scripts of the folder, and gives no source away", async () => {
    for (const path of [
      "/tcp/upload.jpg/x.php",
      "/tcp/link.php",
      "/tcp/.hidden.php",
      "/tcp/sub/%2e%2e/outside.php",
      "/tcp/plain.txt/x.php",
    ]) {
      const { status, text } = await call(gateway, path);
      assert.equal(status, 404, path);
      assert.doesNotMatch(text, /never run|outside|hidden/);
    }
    const upper = await call(gateway, "/tcp/upper.PHP");
    assert.doesNotMatch(upper.text, /secret source/);
    const picture = await call(gateway, "/tcp/upload.jpg");
    assert.equal(picture.headers["content-type"], "image/jpeg");
    const held = await call(gateway, "/held/env.php");
    assert.deepEqual([held.status, held.json()["reason"]], [401, "credentials-missing"]);
  });

  it("streams as it comes, and large responses whole", async () => {
    const started = performance.now();
    const times: number[] = [];
    await new Promise((resolve, reject) => {
      request({ host: "127.0.0.1", port: gateway.port, path: "/slow.php" }, (response) => {
        response.on("data", () => times.push(performance.now() - started));
        response.on("end", resolve);
      })
        .on("error", reject)
        .end();
    });
    assert.ok(times.length >= 3, `${times.length} pieces`);
    const big = await call(gateway, "/big.php");
    assert.equal(big.text.length, 320 * 65_536);
  });

  it("says what went wrong", async () => {
    const late = await call(gateway, "/quick/sleep.php");
    assert.deepEqual([late.status, late.json()["reason"]], [504, "upstream-timeout"]);
    const down = await call(gateway, "/down/env.php");
    assert.deepEqual([down.status, down.json()["reason"]], [502, "upstream-connect-failed"]);
    const cut = await call(gateway, "/die.php").then(
      ({ status, text }) => (status === 502 ? "refused" : text),
      () => "cut",
    );
    assert.ok(cut === "refused" || cut === "cut", cut);
    const short = await call(gateway, "/length.php").then(
      ({ text }) => text,
      () => "cut",
    );
    assert.equal(short, "cut");
  });

  it("writes the script's error stream to the log", async () => {
    await call(gateway, "/log.php");
    for (let tries = 0; !gateway.output().includes("a line for the log") && tries < 100; tries += 1) await sleep(20);
    assert.match(gateway.output(), /"stderr":"[^"]*a line for the log/);
  });

  it("keeps connections where it is told to", async () => {
    for (let turn = 0; turn < 20; turn += 1) assert.equal((await call(gateway, "/tcp/status.php")).status, 418);
  });

  it("lets the server go when the client goes", async () => {
    const asked = request({ host: "127.0.0.1", port: gateway.port, path: "/big.php", agent: false });
    await new Promise<void>((resolve) => {
      asked.on("response", (response) => {
        response.once("data", () => {
          response.destroy();
          resolve();
        });
      });
      asked.on("error", () => {});
      asked.end();
    });
    // Two processes serve: with one of them stuck, a few requests at once would wait.
    const answers = await Promise.all(Array.from({ length: 6 }, () => call(gateway, "/status.php")));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [418]);
  });
});

function send(
  gateway: TestGateway,
  path: string,
  body: Buffer,
  withLength: boolean,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/octet-stream",
      ...(withLength ? { "content-length": body.length } : { "transfer-encoding": "chunked" }),
    };
    const asked = request(
      { host: "127.0.0.1", port: gateway.port, path, method: "POST", headers, agent: false },
      (response) => {
        let text = "";
        response.on("data", (chunk: Buffer) => (text += chunk.toString()));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
}
