import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { importCaddyfile } from "#interop/caddyfile/import-caddyfile.ts";
import { caddyfileDefinitionText } from "#interop/caddyfile/target/definition-text.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { fpm, startFpm } from "#test/support/php-fpm.ts";
import { realSites } from "./real-sites.ts";
import { type Asked, hashes, scripts, sites as siteByDirective } from "./sites.ts";

const sites = { ...siteByDirective, ...realSites };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of the connection, of the moment, or of the server's own making. */
const ofTheServer: ReadonlySet<string> = new Set([
  "date",
  "server",
  "via",
  "connection",
  "keep-alive",
  "x-request-id",
  "etag",
  "last-modified",
  "accept-ranges",
  "content-length",
  "transfer-encoding",
  "alt-svc",
  // Caddy gives clients what a script says of its status, beside the status.
  "status",
  // Ours is on what could have been compressed, too: caches have to know.
  "vary",
]);

function ask(port: number, { method = "GET", path, headers = {}, body }: Asked, secure: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: { Host: `localhost:${port}`, ...headers },
    };
    const sent = secure
      ? secureRequest({ ...options, servername: "localhost", rejectUnauthorized: false })
      : request(options);
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") resolve({ status: 0, headers: {}, body: "" });
      else reject(error);
    });
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const seen = Object.entries(response.headers)
          .filter(([name]) => !ofTheServer.has(name))
          .map(([name, value]) => [name, String(value)] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1));
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(seen),
          body: Buffer.concat(chunks).toString("latin1"),
        });
      });
    });
    sent.end(body);
  });
}

describe("the same Caddyfile, run by Caddy and by its import", needsCommand("caddy"), () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-caddyfile-"));
  const hasPhp = needsCommand(fpm);
  const names = Object.keys(sites).filter((name) => sites[name]?.php !== true || hasPhp.skip === undefined);
  let caddy: ChildProcess;
  let gateway: TestGateway;
  let upstream: TestUpstream;
  let auth: TestUpstream;
  let php: ChildProcess | undefined;
  let caddyPorts: readonly number[] = [];
  let ourPorts: readonly number[] = [];

  before(async () => {
    upstream = await startUpstream((incoming, response) => {
      const { method, url, headers } = incoming;
      const shown = Object.entries(headers).filter(([name]) => /^(?:x-(?!request-id)|remote-user$)/.test(name));
      let size = 0;
      incoming.on("data", (chunk: Buffer) => (size += chunk.length));
      incoming.on("end", () => {
        const status = Number(/status=(\d+)/.exec(url ?? "")?.[1] ?? 200);
        response.writeHead(status, { "content-type": "application/json", "x-powered-by": "echo", "x-from": "up" });
        response.end(
          JSON.stringify({
            method,
            url,
            headers: Object.fromEntries(
              shown.map(([name, value]) => [name, String(value).replaceAll(/, ?/g, ", ")]).toSorted(),
            ),
            size,
          }),
        );
      });
    });
    auth = await startUpstream((incoming, response) => {
      const who = incoming.headers["x-who"];
      if (who === undefined)
        response.writeHead(401, { "x-denied": "yes" }).end(`no ${String(incoming.headers["x-forwarded-uri"])}`);
      else response.writeHead(200, { "Remote-User": who, "X-Role": "admin" }).end();
    });
    const [dead = 0] = await freePorts(1);
    mkdirSync(join(folder, "www", "sub"), { recursive: true });
    for (const [name, text] of Object.entries({
      "index.html": "<p>index</p>",
      "a.txt": "a text",
      "app.html": "<p>app</p>",
      "404.html": "<p>nope</p>",
      "sub/index.html": "<p>sub</p>",
      "bare/one.txt": "one",
      "bare/Two and.txt": "two",
      "bare/below/three.txt": "three",
    })) {
      mkdirSync(join(folder, "www", name, ".."), { recursive: true });
      writeFileSync(join(folder, "www", name), text);
    }
    for (const name of ["one.txt", "Two and.txt", "below"]) utimesSync(join(folder, "www", "bare", name), 1e9, 1e9);
    writeFileSync(join(folder, "part.conf"), 'respond /part "part {args.0} {args.1}"\n');
    const [phpPort = 0] = await freePorts(1);
    for (const [name, text] of Object.entries(scripts)) {
      mkdirSync(join(folder, "php", name, ".."), { recursive: true });
      writeFileSync(join(folder, "php", name), text);
    }
    if (hasPhp.skip === undefined) php = await startFpm(folder, join(folder, "php.sock"), phpPort);
    caddyPorts = await freePorts(names.length);
    ourPorts = await freePorts(names.length);
    const variables = (ports: readonly number[]): Readonly<Record<string, string>> => ({
      UP: upstream.url.replace("http://", ""),
      AUTH: auth.url.replace("http://", ""),
      DEAD: `127.0.0.1:${dead}`,
      WWW: join(folder, "www"),
      PHP_ROOT: join(folder, "php"),
      PHP_SOCKET: join(folder, "php.sock"),
      PHP_PORT: String(phpPort),
      ...Object.fromEntries(ports.map((port, index) => [`PORT${index}`, String(port)])),
    });
    const blocks = names.map((name, index) => {
      const { site = "", address = "" } = sites[name] ?? {};
      return `${address}:{$PORT${index}} {\n\tbind 127.0.0.1\n${site}\n}`;
    });
    const text = `{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n\tlocal_certs\n}\n(hello) {\n\trespond {args.0} "hello {args.1}"\n}\n${blocks.join("\n")}\n`;
    writeFileSync(join(folder, "Caddyfile"), text);
    caddy = spawn("caddy", ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")], {
      env: {
        ...process.env,
        ...hashes,
        ...variables(caddyPorts),
        XDG_DATA_HOME: folder,
        XDG_CONFIG_HOME: folder,
        HOME: folder,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    caddy.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const imported = importCaddyfile(text, {
      file: join(folder, "Caddyfile"),
      files: { read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined), glob: () => [] },
      variables: variables(ourPorts),
    });
    assert.deepEqual(
      imported.report.problems.filter(({ kind }) => kind === "loss" || kind === "error"),
      [],
    );
    gateway = await startTestGateway({
      definition: caddyfileDefinitionText(imported.definition ?? {}),
      args: ["--workers", "1"],
      env: hashes,
    });
    for (const port of caddyPorts) await listening(port, () => said);
  });

  after(async () => {
    caddy.kill();
    php?.kill();
    const ended = [caddy, ...(php === undefined ? [] : [php])].map((one) => once(one, "exit"));
    await Promise.all([...ended, gateway.cleanUp(), upstream.close(), auth.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it("a folder is listed alike for a program", async () => {
    const index = names.indexOf("listed");
    const one = { path: "/bare/", headers: { Accept: "application/json" } };
    const [theirs, ours] = await Promise.all([caddyPorts, ourPorts].map((ports) => ask(ports[index] ?? 0, one, false)));
    assert.ok(theirs !== undefined && ours !== undefined);
    assert.equal(shownOf(ours).length, 3);
    assert.deepEqual(shownOf(ours), shownOf(theirs));
  });

  for (const [index, name] of names.entries()) {
    const { requests = [], address = "" } = sites[name] ?? {};
    for (const one of requests) {
      it(`${name}: ${one.method ?? "GET"} ${one.path}${one.headers === undefined ? "" : ` ${JSON.stringify(one.headers)}`}`, async () => {
        const secure = address !== "";
        const [theirs, ours] = await Promise.all([
          ask(caddyPorts[index] ?? 0, one, secure),
          ask(ourPorts[index] ?? 0, one, secure),
        ]);
        const plain = (answer: Answer, port: number | undefined): string =>
          JSON.stringify(answer, null, 1).replaceAll(String(port), "PORT");
        assert.equal(plain(ours, ourPorts[index]), plain(theirs, caddyPorts[index]));
      });
    }
  }
});

/** What both say of a name; of a folder Caddy says a size that is its file system's. */
interface Listed {
  readonly name: string;
  readonly size: number;
  readonly url: string;
  readonly mod_time: string;
  readonly is_dir: boolean;
  readonly is_symlink: boolean;
}

function shownOf({ body }: Answer): readonly Listed[] {
  return (JSON.parse(body) as readonly Listed[]).map(({ name, size, url, mod_time, is_dir, is_symlink }) => {
    return { name, size: is_dir ? 0 : size, url, mod_time, is_dir, is_symlink };
  });
}

async function listening(port: number, said: () => string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const opened = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (opened) return;
    await sleep(50);
  }
  throw new Error(`Caddy does not listen: ${said().slice(-2000)}`);
}
