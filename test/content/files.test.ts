import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync, renameSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { big, lastModified, makeSite, script, type TestSite } from "./site.ts";

const run = promisify(execFile);

const definition = (root: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  site:
    path: /
    access: public
    files:
      root: ${root}
      precompressed: [zstd, br, gzip]
      hide: "*.bak"
      cacheControl: public, max-age=60
      notFound: /404.html
    policies: { outbound: [{ set-header: { name: X-Policy, values: ["\${response.status}"] } }] }
  app:
    path: /app
    access: public
    files: { root: ${root}, tryFiles: ["{path}", "{path}.html", "{path}/", /index.html] }
  held:
    path: /held
    access: [{ allow: principal.authenticated }]
    files: ${root}
  listed: { path: /listed, access: public, files: { root: ${root}, browse: true, hide: "*.bak" } }
  deployed: { path: /deployed, access: public, files: ${root}/../current }
  moved:
    path: /moved
    access: public
    files: ${root}
    policies: { inbound: [{ rewrite-uri: "/docs" }] }
`;

describe("files, over the whole gateway", () => {
  let site: TestSite;
  let gateway: TestGateway;
  const curl = async (...args: readonly string[]): Promise<string> => {
    const all = ["--silent", "--cacert", join(gateway.data, "ca", "root.crt"), ...args];
    return (await run("curl", all, { maxBuffer: 10_000_000, encoding: "latin1" })).stdout;
  };

  before(async () => {
    site = makeSite();
    symlinkSync(site.root, join(site.folder, "current"));
    gateway = await startTestGateway({ definition: definition(site.root), args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    site.remove();
  });

  it("gives a file with what it is known by", async () => {
    const { status, headers, text } = await call(gateway, "/hello.txt");
    assert.deepEqual([status, text], [200, "abcdefghijklmnopqrstuvwxyz"]);
    assert.equal(headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(headers["content-length"], "26");
    assert.equal(headers["last-modified"], lastModified);
    assert.equal(headers["accept-ranges"], "bytes");
    assert.equal(headers["cache-control"], "public, max-age=60");
    assert.equal(headers["vary"], "Accept-Encoding");
    assert.match(headers.etag ?? "", /^"[0-9a-z]+-q"$/);
    assert.equal(headers["x-policy"], "200");
    assert.equal(headers["via"], undefined);
  });

  it("tells HEAD the same, without the body", async () => {
    for (const path of ["/hello.txt", "/app.js", "/empty.txt", "/docs/", "/missing"]) {
      const options = { headers: { "accept-encoding": "br" } };
      const [get, head] = [
        await call(gateway, path, options),
        await call(gateway, path, { ...options, method: "HEAD" }),
      ];
      const told = ({ status, headers }: typeof get): unknown => [
        status,
        headers["content-length"],
        headers["content-encoding"],
        headers.etag,
        headers["content-type"],
      ];
      assert.deepEqual(told(head), told(get), path);
      assert.equal(head.text, "");
    }
  });

  it("answers conditions", async () => {
    const { etag = "" } = (await call(gateway, "/hello.txt")).headers;
    const again = await call(gateway, "/hello.txt", { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, again.text, again.headers.etag], [304, "", etag]);
    assert.equal(again.headers["cache-control"], "public, max-age=60");
    assert.equal(again.headers["vary"], "Accept-Encoding");
    const since = await call(gateway, "/hello.txt", { headers: { "if-modified-since": lastModified } });
    assert.equal(since.status, 304);
    const failed = await call(gateway, "/hello.txt", { headers: { "if-match": '"other"' } });
    assert.deepEqual([failed.status, failed.text], [412, ""]);
  });

  it("gives ranges: one, several, none, and the whole when it is not the same any more", async () => {
    const one = await call(gateway, "/hello.txt", { headers: { range: "bytes=2-4" } });
    assert.deepEqual([one.status, one.text, one.headers["content-range"]], [206, "cde", "bytes 2-4/26"]);
    const several = await call(gateway, "/hello.txt", { headers: { range: "bytes=0-1,-2" } });
    const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(several.headers["content-type"] ?? "")?.[1];
    const part = (range: string, text: string): string =>
      `--${boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes ${range}/26\r\n\r\n${text}\r\n`;
    assert.equal(several.text, `${part("0-1", "ab")}${part("24-25", "yz")}--${boundary}--\r\n`);
    assert.equal(several.headers["content-length"], String(several.text.length));
    const none = await call(gateway, "/hello.txt", { headers: { range: "bytes=26-" } });
    assert.deepEqual([none.status, none.headers["content-range"]], [416, "bytes */26"]);
    const stale = await call(gateway, "/hello.txt", { headers: { range: "bytes=2-4", "if-range": '"old"' } });
    assert.deepEqual([stale.status, stale.text.length], [200, 26]);
  });

  it(
    "gives what lies beside a file in compressed form, to those who take it",
    { ...needsCommand("curl") },
    async () => {
      const asked = await curl("--compressed", "--dump-header", "-", `${gateway.url}/app.js`);
      assert.match(asked, /content-encoding: (?:zstd|br|gzip)\r\n/i);
      assert.ok(asked.endsWith(script), "curl unpacked it");
      const plain = await curl("--dump-header", "-", `${gateway.url}/app.js`);
      assert.doesNotMatch(plain, /content-encoding/i);
      assert.match(plain, /vary: Accept-Encoding\r\n/i);
      const etags = await Promise.all(
        ["gzip", "br", "zstd", "identity"].map(async (coding) => {
          const { headers } = await call(gateway, "/app.js", { headers: { "accept-encoding": coding } });
          assert.equal(headers["content-encoding"] ?? "identity", coding);
          assert.equal(headers["content-type"], "text/javascript; charset=utf-8");
          return headers.etag;
        }),
      );
      assert.equal(new Set(etags).size, 4, "each form has a tag of its own");
      const only = await call(gateway, "/plain.css", { headers: { "accept-encoding": "zstd, gzip;q=0.1" } });
      assert.equal(only.headers["content-encoding"], "gzip");
    },
  );

  it("gives a large file whole over HTTP/1.1 and HTTP/2", { ...needsCommand("curl") }, async () => {
    for (const version of ["--http1.1", "--http2"]) {
      const body = await curl(version, `${gateway.url}/big.bin`);
      assert.ok(Buffer.from(body, "latin1").equals(big), version);
    }
  });

  it("sends folders to their slash, and finds their index", async () => {
    const folder = await call(gateway, "/docs?q=1");
    assert.deepEqual([folder.status, folder.headers.location], [308, "/docs/?q=1"]);
    assert.equal((await call(gateway, "/docs/")).text, "<h1>docs</h1>\n");
    assert.equal((await call(gateway, "/")).text, "<h1>home</h1>\n");
    assert.equal((await call(gateway, "/bare")).status, 404);
    assert.equal((await call(gateway, "/hello.txt/")).status, 404);
    assert.equal((await call(gateway, "/moved/x")).status, 404, "a rewritten path is not the client's to correct");
  });

  it("lists a folder without an index where that is asked for, as a page and as JSON", async () => {
    const folder = join(site.root, "many");
    mkdirSync(join(folder, "Sub"), { recursive: true });
    const names = [
      "b.txt",
      "A.txt",
      `<img src=x onerror=alert(1)>&"'.txt`,
      "javascript:alert(1)",
      ".secret",
      "old.bak",
    ];
    for (const name of names) writeFileSync(join(folder, name), "four");
    symlinkSync(join(site.root, "hello.txt"), join(folder, "inner"));
    symlinkSync(join(site.folder, "outside.txt"), join(folder, "outer"));
    symlinkSync(site.folder, join(folder, "outer-folder"));
    symlinkSync(join(folder, "nowhere"), join(folder, "dangling"));

    const json = await call(gateway, "/listed/many/", { headers: { accept: "application/json" } });
    assert.deepEqual([json.status, json.headers["vary"]], [200, "Accept"]);
    const items = JSON.parse(json.text) as readonly { name: string; url: string; size: number; is_symlink: boolean }[];
    assert.deepEqual(
      items.map(({ name, url, size }) => [name, url, size]),
      [
        ["Sub/", "./Sub/", 0],
        [names[2], "./%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E%26%22'.txt", 4],
        ["A.txt", "./A.txt", 4],
        ["b.txt", "./b.txt", 4],
        ["inner", "./inner", 26],
        ["javascript:alert(1)", "./javascript%3Aalert(1)", 4],
      ],
    );
    assert.deepEqual(
      items.filter((one) => one.is_symlink).map(({ name }) => name),
      ["inner"],
    );

    const page = await call(gateway, "/listed/many/");
    assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
    assert.match(page.text, /<title>Index of \/many\/<\/title>[^]*<a href="\.\.\/">[^]*>4 B</);
    assert.ok(page.text.includes("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;.txt</a>"));
    assert.doesNotMatch(page.text, /<img|href="javascript|secret|old\.bak|outer/);
    for (const [, url = ""] of page.text.matchAll(/href="\.\/([^"]+)"/g)) {
      const found = await call(gateway, `/listed/many/${url.replaceAll("&#39;", "'")}`);
      assert.equal(found.status, 200, url);
    }
    const head = await call(gateway, "/listed/many/", { method: "HEAD" });
    assert.deepEqual(
      [head.status, head.text, head.headers["content-length"]],
      [200, "", String(Buffer.byteLength(page.text))],
    );

    assert.equal((await call(gateway, "/listed/docs/")).text, "<h1>docs</h1>\n", "an index goes first");
    const bare = await call(gateway, "/listed/many");
    assert.deepEqual([bare.status, bare.headers.location], [308, "/listed/many/"]);
    for (const path of [
      "/many/",
      "/listed/.git/",
      "/listed/outer-folder/",
      "/listed/many/outer-folder/",
      "/listed/none/",
    ]) {
      assert.equal((await call(gateway, path)).status, 404, path);
    }
  });

  it("tries files", async () => {
    for (const [path, text] of [
      ["/app/page", "<h1>page</h1>\n"],
      ["/app/docs/", "<h1>docs</h1>\n"],
      ["/app/some/route", "<h1>home</h1>\n"],
      ["/app/with%20space%20&%20%C3%A9.txt", "odd name\n"],
    ] as const) {
      assert.equal((await call(gateway, path)).text, text, path);
    }
    assert.equal((await call(gateway, "/app/docs")).headers.location, "/app/docs/");
  });

  for (const path of [
    "/.env",
    "/.git/config",
    "/backup.bak",
    "/outer-link.txt",
    "/outer-folder/outside.txt",
    "/%2e%2e/outside.txt",
    "/docs/..%2f..%2foutside.txt",
    "/..%5coutside.txt",
    "/....//outside.txt",
    "/%252e%252e/outside.txt",
    "/docs/%00.html",
    "/missing",
  ]) {
    it(`does not give ${path}`, async () => {
      const { status, text } = await call(gateway, path);
      assert.ok(status === 404 || status === 400, String(status));
      assert.doesNotMatch(text, /outside|SECRET|core/);
    });
  }

  it("follows links inside, and serves .well-known", async () => {
    assert.equal((await call(gateway, "/inner-link.txt")).status, 200);
    assert.equal((await call(gateway, "/.well-known/security.txt")).text, "Contact: x\n");
  });

  it("gives the page of errors with 404, and problem+json without one", async () => {
    const page = await call(gateway, "/missing");
    assert.deepEqual([page.status, page.text, page.headers.etag], [404, "<h1>nothing here</h1>\n", undefined]);
    const problem = await call(gateway, "/moved/x");
    assert.equal(problem.json()["reason"], "file-not-found");
  });

  it("is for GET and HEAD only, and for nobody who is not let in", async () => {
    const post = await call(gateway, "/hello.txt", { method: "POST", body: "x" });
    assert.deepEqual([post.status, post.headers.allow], [405, "GET, HEAD"]);
    const held = await call(gateway, "/held/hello.txt");
    assert.deepEqual([held.status, held.json()["reason"]], [401, "credentials-missing"]);
  });

  it("follows the root where a deployment moves it, and no link back to where it was", async () => {
    assert.equal((await call(gateway, "/deployed/hello.txt")).text, "abcdefghijklmnopqrstuvwxyz");
    const next = join(site.folder, "next");
    mkdirSync(next);
    writeFileSync(join(next, "hello.txt"), "of the next release");
    symlinkSync(join(site.root, "hello.txt"), join(next, "back.txt"));
    symlinkSync(next, join(site.folder, "current.new"));
    renameSync(join(site.folder, "current.new"), join(site.folder, "current"));
    // What was asked for a moment ago is believed for up to two tenths of a second.
    await sleep(200);
    assert.equal((await call(gateway, "/deployed/hello.txt")).text, "of the next release");
    assert.equal((await call(gateway, "/deployed/back.txt")).status, 404);
  });

  it("a named pipe keeps nobody waiting", { ...needsCommand("mkfifo") }, async () => {
    spawnSync("mkfifo", [join(site.root, "pipe.txt")]);
    const answers = await Promise.all(Array.from({ length: 8 }, () => call(gateway, "/pipe.txt")));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [404]);
  });

  it("a file that changes on the way is cut off, one that is replaced is not", async () => {
    const replaced = await slowly(gateway, "/big.bin", () => {
      site.write("next.bin", "replaced");
      renameSync(join(site.root, "next.bin"), join(site.root, "big.bin"));
    });
    assert.equal(replaced.ended, "whole");
    site.write("huge.bin", new Uint8Array(30_000_000));
    const written = await slowly(gateway, "/huge.bin", () => writeFileSync(join(site.root, "huge.bin"), "short"));
    assert.equal(written.ended, "cut");
    site.write("huge.bin", new Uint8Array(30_000_000));
    const shortened = await slowly(gateway, "/huge.bin", () => truncateSync(join(site.root, "huge.bin"), 29_999_999));
    assert.equal(shortened.ended, "cut");
  });

  it("lets the file go when the client goes", async () => {
    site.write("huge.bin", new Uint8Array(30_000_000));
    const pid = String(gateway.process.pid);
    const held = (): number =>
      readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`).endsWith("huge.bin")).length;
    for (let turn = 0; turn < 3; turn += 1) await slowly(gateway, "/huge.bin", () => "leave");
    for (let tries = 0; held() > 0 && tries < 100; tries += 1) await sleep(20);
    assert.equal(held(), 0);
  });
});

/** Descriptors may be closed while they are looked at. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Reads a little, waits until the gateway is held up, does something, reads the rest. */
function slowly(
  gateway: TestGateway,
  path: string,
  act: () => unknown,
): Promise<{ readonly ended: "whole" | "cut"; readonly bytes: number }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "localhost", port: gateway.port, path, ca: gateway.ca, agent: false }, (response) => {
      let bytes = 0;
      let acted = false;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (acted) return;
        acted = true;
        response.pause();
        setTimeout(() => {
          if (act() === "leave") response.destroy();
          else response.resume();
        }, 300);
      });
      response.on("close", () => resolve({ ended: response.complete ? "whole" : "cut", bytes }));
      response.on("error", () => {});
    });
    asked.on("error", reject);
    asked.end();
  });
}
