import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { request, type RequestOptions } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { makeSite, type TestSite } from "./site.ts";

type Server = "caddy" | "nginx";

interface Case {
  readonly path: string;
  readonly method?: string;
  /** `{etag}` is the server's own tag of the file, `{date}` its Last-Modified. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where we differ: the other's answer, and why ours is right. */
  readonly differs?: Readonly<Partial<Record<Server, readonly [answer: string, why: string]>>>;
}

const gz = { "accept-encoding": "gzip" };
const all = { "accept-encoding": "gzip, deflate, br, zstd" };
const date = "Mon, 06 May 2024 07:08:09 GMT";

const methods = "a file answers GET and HEAD; anything else would look as if it had been done";
const query = "the query belongs to the URL that is corrected";
const listing = "403 would tell that a folder without an index is there";
const links = "a link that leads out of the folder would give away what is there";
const dots = "names that start with a dot are for the owner of the folder";
const later = "nginx compares for equality (if_modified_since exact); RFC 9110 §13.1.3 says: not later than";
const precedence = "RFC 9110 §13.2.2: with If-Match, If-Unmodified-Since is not looked at";
const unit = "RFC 9110 §14.2: a unit that is not understood is ignored";
const rangeOfHead = "RFC 9110 §14.2: Range is for GET";
const sizeTold = "RFC 9110 §15.5.17: Content-Range with the size should be there";
const lastZero = "RFC 9110 §14.1.2: a suffix of length 0 cannot be satisfied";
const empty = "RFC 9110 §14.1.2: nothing of an empty file can be satisfied";
const codings = "its module knows gzip only";
const anything = "RFC 9110 §12.5.3: * matches any coding";
const headLength = "RFC 9110 §9.3.2: HEAD should tell what GET would";
const staticRange = "nginx gives no ranges of compressed forms; they are ranges of that representation";
const unnamed = "its table does not know the type";

const outside = "200 text/plain length 8 92a214fa";
const whole = "200 text/plain length 26 71c480df";
const plainScript = "200 text/javascript length 6600 2e4cf95f";

const cases: readonly Case[] = [
  { path: "/hello.txt" },
  { path: "/hello.txt", method: "HEAD" },
  { path: "/hello.txt", method: "POST", differs: { caddy: [whole, methods] } },
  { path: "/hello.txt", method: "DELETE", differs: { caddy: [whole, methods] } },
  { path: "/hello.txt?q=1" },
  { path: "/" },
  { path: "/docs/" },
  { path: "/docs" },
  { path: "/docs?q=1", differs: { caddy: ["redirect /docs/", query] } },
  { path: "/bare/", differs: { nginx: ["403", listing] } },
  { path: "/missing" },
  { path: "/hello.txt/" },
  { path: "/hello.txt/x" },
  { path: "/empty.txt" },
  { path: "/unknown.xyzzy" },
  { path: "/data.json" },
  { path: "/image.svg" },
  { path: "/with%20space%20&%20%C3%A9.txt" },
  { path: "/docs/../hello.txt" },
  { path: "/docs/%2e%2e/hello.txt" },
  { path: "//hello.txt" },
  { path: "/%68ello.txt" },
  { path: "/HELLO.txt" },
  { path: "/inner-link.txt" },
  { path: "/outer-link.txt", differs: { caddy: [outside, links], nginx: [outside, links] } },
  { path: "/outer-folder/outside.txt", differs: { caddy: [outside, links], nginx: [outside, links] } },
  {
    path: "/.env",
    differs: {
      caddy: ["200 application/octet-stream length 9 664049a8", dots],
      nginx: ["200 application/octet-stream length 9 664049a8", dots],
    },
  },
  {
    path: "/.git/config",
    differs: {
      caddy: ["200 application/octet-stream length 7 74d92d2f", dots],
      nginx: ["200 application/octet-stream length 7 74d92d2f", dots],
    },
  },
  { path: "/.well-known/security.txt" },
  { path: "/hello.txt", headers: { "if-none-match": "{etag}" } },
  { path: "/hello.txt", headers: { "if-none-match": "W/{etag}" } },
  { path: "/hello.txt", headers: { "if-none-match": '"x", {etag}' } },
  { path: "/hello.txt", headers: { "if-none-match": "*" } },
  { path: "/hello.txt", headers: { "if-none-match": '"x"' } },
  { path: "/hello.txt", headers: { "if-none-match": '"x"', "if-modified-since": date } },
  { path: "/hello.txt", method: "HEAD", headers: { "if-none-match": "{etag}" } },
  { path: "/hello.txt", headers: { "if-modified-since": date } },
  { path: "/hello.txt", headers: { "if-modified-since": "Mon, 06 May 2024 07:08:08 GMT" } },
  {
    path: "/hello.txt",
    headers: { "if-modified-since": "Tue, 07 May 2024 07:08:09 GMT" },
    differs: { nginx: [whole, later] },
  },
  { path: "/hello.txt", headers: { "if-modified-since": "Monday, 06-May-24 07:08:09 GMT" } },
  { path: "/hello.txt", headers: { "if-modified-since": "nonsense" } },
  { path: "/hello.txt", headers: { "if-match": "{etag}" } },
  { path: "/hello.txt", headers: { "if-match": "W/{etag}" } },
  { path: "/hello.txt", headers: { "if-match": '"x"' } },
  { path: "/hello.txt", headers: { "if-match": "*" } },
  { path: "/hello.txt", headers: { "if-unmodified-since": date } },
  { path: "/hello.txt", headers: { "if-unmodified-since": "Mon, 06 May 2024 07:08:08 GMT" } },
  { path: "/hello.txt", headers: { "if-match": "{etag}", "if-none-match": "{etag}" } },
  {
    path: "/hello.txt",
    headers: { "if-match": "{etag}", "if-unmodified-since": "Mon, 06 May 2024 07:08:08 GMT" },
    differs: { nginx: ["412", precedence] },
  },
  { path: "/hello.txt", headers: { range: "bytes=0-0" } },
  { path: "/hello.txt", headers: { range: "bytes=20-" } },
  { path: "/hello.txt", headers: { range: "bytes=-5" } },
  { path: "/hello.txt", headers: { range: "bytes=-500" } },
  { path: "/hello.txt", headers: { range: "bytes=20-500" } },
  { path: "/hello.txt", headers: { range: "bytes=26-" } },
  {
    path: "/hello.txt",
    headers: { range: "bytes=-0" },
    differs: { caddy: ["206 text/plain bytes 26-25/26 length 0", lastZero] },
  },
  { path: "/hello.txt", headers: { range: "bytes=5-4" }, differs: { caddy: ["416", sizeTold] } },
  { path: "/hello.txt", headers: { range: "bytes=x-y" }, differs: { caddy: ["416", sizeTold] } },
  { path: "/hello.txt", headers: { range: "lines=0-1" }, differs: { caddy: ["416", unit] } },
  { path: "/hello.txt", headers: { range: "bytes=0-1,4-5" } },
  { path: "/hello.txt", headers: { range: "bytes=0-1,40-50" } },
  { path: "/hello.txt", headers: { range: "bytes=0-,0-,0-" } },
  { path: "/hello.txt", headers: { range: "bytes=0-3, 2-5" } },
  {
    path: "/hello.txt",
    method: "HEAD",
    headers: { range: "bytes=0-3" },
    differs: {
      caddy: ["206 text/plain bytes 0-3/26 length 4", rangeOfHead],
      nginx: ["206 text/plain bytes 0-3/26 length 4", rangeOfHead],
    },
  },
  { path: "/empty.txt", headers: { range: "bytes=0-0" }, differs: { nginx: ["200 text/plain length 0", empty] } },
  { path: "/big.bin", headers: { range: "bytes=100000-299999" } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-range": "{etag}" } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-range": "W/{etag}" } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-range": '"x"' } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-range": date } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-range": "Mon, 06 May 2024 07:08:08 GMT" } },
  { path: "/hello.txt", headers: { range: "bytes=0-3", "if-none-match": "{etag}" } },
  { path: "/app.js", headers: gz },
  { path: "/app.js", headers: all, differs: { nginx: ["200 text/javascript gzip length 91 cff6805e", codings] } },
  { path: "/app.js", headers: { "accept-encoding": "gzip;q=0" } },
  { path: "/app.js", headers: { "accept-encoding": "br;q=0.5, gzip" } },
  {
    path: "/app.js",
    headers: { "accept-encoding": "*" },
    differs: { caddy: [plainScript, anything], nginx: [plainScript, anything] },
  },
  { path: "/app.js", headers: { "accept-encoding": "identity" } },
  { path: "/app.js" },
  {
    path: "/app.js",
    method: "HEAD",
    headers: gz,
    differs: { caddy: ["200 text/javascript gzip length undefined", headLength] },
  },
  {
    path: "/app.js",
    headers: { ...gz, range: "bytes=0-9" },
    differs: { nginx: ["200 text/javascript gzip length 91 cff6805e", staticRange] },
  },
  { path: "/app.js", headers: { ...gz, "if-none-match": "{etag}" } },
  { path: "/app.js.gz", differs: { nginx: ["200 application/octet-stream length 91 cff6805e", unnamed] } },
  { path: "/plain.css", headers: all },
  { path: "/hello.txt", headers: all },
];

interface Peer {
  readonly socket: string;
  readonly process: ChildProcess;
}

async function startPeer(server: Server, { folder, root }: TestSite): Promise<Peer> {
  const socket = join(folder, `${server}.sock`);
  const config = join(folder, `${server}.conf`);
  if (server === "caddy") {
    const site = `root * ${root}\n file_server {\n precompressed zstd br gzip\n }`;
    writeFileSync(config, `{\n admin off\n auto_https off\n}\nhttp:// {\n bind unix/${socket}\n ${site}\n}\n`);
  } else {
    writeFileSync(
      config,
      `user root; daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events {}
http {
  include /etc/nginx/mime.types; default_type application/octet-stream; access_log off;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; disable_symlinks off;
  server { listen unix:${socket}; root ${root}; gzip_static on; gzip_vary on; absolute_redirect off; }
}`,
    );
  }
  const args = server === "caddy" ? ["run", "--adapter", "caddyfile", "--config", config] : ["-c", config];
  const home = { HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const child = spawn(server, args, { stdio: "ignore", env: { ...process.env, ...home } });
  for (let tries = 0; !existsSync(socket) && tries < 200; tries += 1) await sleep(25);
  assert.ok(existsSync(socket), `${server} did not start`);
  return { socket, process: child };
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

function ask(where: RequestOptions, { path, method = "GET", headers = {} }: Case): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { ...where, path, method, headers: { host: "localhost", ...headers }, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
        response.on("error", reject);
      },
    );
    asked.on("error", reject);
    asked.end();
  });
}

/** Asks with the server's own tag filled in, and sums up what a client would act on. */
async function answerOf(where: RequestOptions, one: Case): Promise<string> {
  const { path, headers = {} } = one;
  const plain = await ask(where, { path, headers: { "accept-encoding": headers["accept-encoding"] ?? "identity" } });
  const etag = String(plain.headers["etag"]);
  const filled = Object.entries(headers).map(([name, value]) => [name, value.replaceAll("{etag}", etag)] as const);
  return summary(await ask(where, { ...one, headers: Object.fromEntries(filled) }));
}

function summary({ status, headers, body }: Answer): string {
  if (status >= 300 && status < 400 && status !== 304) return `redirect ${String(headers["location"])}`;
  if (status >= 400) return [status, headers["content-range"] ?? ""].join(" ").trim();
  const type = status === 304 ? "" : mediaType(headers["content-type"]);
  const content = type.startsWith("multipart/") ? partsOf(body) : digest(body);
  return [
    status,
    type,
    headers["content-encoding"] ?? "",
    headers["content-range"] ?? "",
    status === 304 || type.startsWith("multipart/") ? "" : `length ${String(headers["content-length"])}`,
    content,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

/** Names that mean the same: none at all, and what scripts were called before RFC 9239. */
function mediaType(field: unknown): string {
  if (field === undefined) return "application/octet-stream";
  return String(field).replace(/;.*/, "").replace("application/javascript", "text/javascript");
}

function digest(body: Buffer): string {
  return body.length === 0 ? "" : createHash("sha256").update(body).digest("hex").slice(0, 8);
}

/** Boundaries differ; ranges and bytes must not. */
function partsOf(body: Buffer): string {
  const parts = body.toString("latin1").split(/\r\n--[^\r\n]+|^--[^\r\n]+/);
  const read = parts.map((part) => /Content-Range: (\S+ \S+)[^]*?\r\n\r\n([^]*)$/i.exec(`${part}`));
  return read.flatMap((match) => (match === null ? [] : [`[${match[1]}: ${match[2]}]`])).join(" ");
}

/** The same folder, the same requests, three servers: what differs is written down with its reason. */
describe("files, beside Caddy and nginx", { ...needsCommand("caddy"), ...needsCommand("nginx") }, () => {
  let site: TestSite;
  let gateway: TestGateway;
  const peers = new Map<Server, Peer>();

  before(async () => {
    site = makeSite();
    const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  site: { path: /, access: public, files: { root: ${site.root}, precompressed: [zstd, br, gzip] } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    for (const server of ["caddy", "nginx"] as const) peers.set(server, await startPeer(server, site));
  });
  after(async () => {
    await gateway.cleanUp();
    for (const { process: child } of peers.values()) {
      child.kill("SIGKILL");
      if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    }
    site.remove();
  });

  for (const one of cases) {
    const { path, method = "GET", headers = {} } = one;
    it(`${method} ${path} ${JSON.stringify(headers)}`, async () => {
      const ours = await answerOf({ host: "127.0.0.1", port: gateway.port }, one);
      const different: Record<string, string> = {};
      for (const [server, { socket }] of peers) {
        const theirs = await answerOf({ socketPath: socket }, one);
        if (theirs !== ours) different[server] = theirs;
      }
      const expected = Object.entries(one.differs ?? {}).map(([server, [answer]]) => [server, answer] as const);
      assert.deepEqual(different, Object.fromEntries(expected), `ours: ${ours}`);
    });
  }
});
