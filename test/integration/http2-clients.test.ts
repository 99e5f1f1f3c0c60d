import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { diceOf, type Dice } from "#test/soak/support.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const run = promisify(execFile);
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Clients of others over HTTP/2, through the whole gateway. */
describe("HTTP/2 with clients of others", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-http2-"));
    upstream = await startUpstream(async (incoming, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      response.setHeader("x-digest", digest(body));
      if (incoming.url === "/sized") response.setHeader("content-length", body.length);
      response.end(body);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }, limits: { bodySize: 20MiB } }
apis: { up: { path: /up, backend: up, access: public } }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
    writeFileSync(join(folder, "ca.pem"), gateway.ca);
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One upload that is echoed, in odd pieces, and read at an odd pace. */
  async function echo(session: ClientHttp2Session, dice: Dice): Promise<void> {
    const body = randomBytes(dice.pick([0, 1, 1000, 16_384, 70_000, 400_000]));
    const path = dice.pick(["/up/sized", "/up/chunked"]);
    const stream = session.request({ ":path": path, ":method": "POST" });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (dice.below(20) > 0) return;
      stream.pause();
      setTimeout(() => stream.resume(), dice.below(30));
    });
    const ended = once(stream, "end");
    const answered = once(stream, "response");
    for (let at = 0; at < body.length;) {
      const to = Math.min(body.length, at + 1 + dice.below(60_000));
      if (!stream.write(body.subarray(at, to))) await once(stream, "drain");
      at = to;
    }
    stream.end();
    const [headers] = await answered;
    assert.equal(headers[":status"], 200);
    await ended;
    assert.equal(digest(Buffer.concat(chunks)), digest(body), `${body.length} bytes of ${path}`);
    assert.equal(headers["x-digest"], digest(body));
  }

  for (const initialWindowSize of [1000, 65_535, 1_000_000]) {
    it(`Node: bodies both ways, thirty at once, with windows of ${initialWindowSize}`, async () => {
      const session = connect(`https://localhost:${gateway.port}`, { ca: gateway.ca, settings: { initialWindowSize } });
      await once(session, "connect");
      const seed = initialWindowSize;
      const lanes = Array.from({ length: 30 }, async (_, lane) => {
        const dice = diceOf(seed + lane);
        for (let count = 0; count < 4; count += 1) await echo(session, dice);
      });
      await Promise.all(lanes);
      session.close();
      await once(session, "close");
    });
  }

  const curl = async (...args: readonly string[]): Promise<string> => {
    const base = ["-sS", "--http2", "--noproxy", "*", "--cacert", join(folder, "ca.pem"), "--max-time", "30"];
    const { stdout } = await run("curl", [...base, ...args], { maxBuffer: 50_000_000 });
    return stdout;
  };

  it("curl: a GET, a HEAD, several on one connection, and an upload of 10 MB that waits to be asked for", async () => {
    const url = `https://localhost:${gateway.port}/up/x`;
    const shown = ["-o", "/dev/null", "-w", "%{http_version} %{http_code} %{num_connects}\n"];
    assert.equal(await curl(...shown, url), "2 200 1\n");
    assert.equal(await curl("-I", ...shown, url), "2 200 1\n");
    assert.equal(await curl(...shown, url, ...shown.slice(0, 2), url), "2 200 1\n2 200 0\n");
    const file = join(folder, "body");
    const body = randomBytes(10_000_000);
    writeFileSync(file, body);
    const head = await curl("-H", "expect: 100-continue", "-T", file, "-X", "POST", "-D", "-", "-o", "/dev/null", url);
    assert.match(head, /^HTTP\/2 100 /);
    assert.ok(head.includes(`x-digest: ${digest(body)}`), head);
  });

  it("h2load: a thousand requests of four connections with fifty streams each, all of them answered", async () => {
    const url = `https://localhost:${gateway.port}/up/x`;
    const { stdout } = await run("h2load", ["-n", "1000", "-c", "4", "-m", "50", url]);
    assert.match(
      stdout,
      /requests: 1000 total, 1000 started, 1000 done, 1000 succeeded, 0 failed, 0 errored, 0 timeout/,
    );
    assert.match(stdout, /Application protocol: h2/);
  });
});
