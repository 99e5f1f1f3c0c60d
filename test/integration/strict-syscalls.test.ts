import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { call } from "#test/support/client.ts";
import { cli, ready } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { startWebSocketUpstream, webSocketTo } from "#test/support/web-socket.ts";
import { startUpstream } from "#test/support/upstream.ts";

const traced = needsCommand("strace");
const mayTrace = spawnSync("strace", ["-o", "/dev/null", "true"], { stdio: "ignore" }).status === 0;
const options = mayTrace || traced.skip !== undefined ? traced : { skip: "no process may be traced here" };

/** The calls of every thread in one order, as the kernel saw them. */
it(
  "syncs the record before it sends the upstream a request, and before it sends the client the end or a switch",
  options,
  async (t) => {
    const talk = await startWebSocketUpstream();
    const upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(200, { "content-length": "12" }).end("the-last-one");
    });
    const folder = mkdtempSync(join(tmpdir(), "sallyport-test-"));
    const trace = join(folder, "trace.txt");
    const definition = `version: 1
audit: { durability: strict }
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis:
  echo: { path: /echo, backend: up, access: public }
  talk: { path: /talk, backend: talk, access: public, upgrades: [websocket] }
  cached:
    path: /cached
    backend: up
    access: public
    policies: { inbound: [{ cache-lookup: {} }], outbound: [{ cache-store: { duration: 60s } }] }
backends: { up: { url: "${upstream.url}" }, talk: { url: "${talk.url}" } }
`;
    writeFileSync(join(folder, "sallyport.yaml"), definition);
    const data = join(folder, "data");
    const run = [cli, "run", "--config", join(folder, "sallyport.yaml"), "--data", data, "--workers", "1"];
    const watched = [
      "-D",
      "-f",
      "--seccomp-bpf",
      "-y",
      "-s",
      "4000",
      "-e",
      "trace=write,writev,fdatasync",
      "-o",
      trace,
    ];
    const child = spawn("strace", [...watched, process.execPath, ...run], { stdio: ["ignore", "pipe", "pipe"] });
    const gateway = await ready(child, folder, data);
    t.after(async () => {
      await gateway.cleanUp();
      await upstream.close();
      talk.close();
    });
    assert.equal((await call(gateway, "/echo/traced")).text, "the-last-one");
    for (let count = 0; count < 2; count += 1)
      assert.equal((await call(gateway, "/cached/twice")).text, "the-last-one");
    const socket = webSocketTo(gateway, "/talk/switched");
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    socket.terminate();
    await gateway.stop();
    assert.equal(upstream.seen.filter(({ url }) => url === "/twice").length, 1);

    const calls = readFileSync(trace, "utf8").split("\n");
    const after = (from: number, what: string, is: (line: string) => boolean): number => {
      const at = calls.findIndex((line, index) => index > from && is(line));
      assert.ok(at >= 0, `${what}, behind call ${from}`);
      return at;
    };
    const first = (what: string, is: (line: string) => boolean): number => after(-1, what, is);
    const isSynced = (line: string): boolean => line.includes("fdatasync") && line.endsWith("= 0");
    const intent = first("the intent", (line) => line.includes(".jsonl>") && line.includes('stage\\":\\"intent'));
    const asked = first("the request to the upstream", (line) => line.includes("GET /traced HTTP/1.1"));
    const whole = after(intent, "the record", (line) => line.includes(".jsonl>") && line.includes('bytesOut\\":12'));
    const answered = first(
      "the response",
      (line) => /write.*HTTP\/1\.1 200/.test(line) && line.includes("the-last-one"),
    );
    const [intentSync, wholeSync] = [after(intent, "a sync", isSynced), after(whole, "a sync", isSynced)];
    assert.ok(intent < intentSync && intentSync < asked, `${intent} ${intentSync} ${asked}`);
    assert.ok(asked < whole && whole < wholeSync && wholeSync < answered, `${asked} ${whole} ${wholeSync} ${answered}`);

    // The second one comes from the cache: nobody is asked, and its end waits for its record all the same.
    const lastAsked = first("the request to the upstream", (line) => line.includes("GET /twice HTTP/1.1"));
    const isEnd = (line: string): boolean => /write.*HTTP\/1\.1 200/.test(line) && line.includes("the-last-one");
    const firstEnd = after(lastAsked, "the first response", isEnd);
    const isCached = (line: string): boolean => line.includes(".jsonl>") && line.includes("/cached/twice");
    const cached = after(
      firstEnd,
      "the record of the second",
      (line) => isCached(line) && line.includes('status\\":200'),
    );
    const secondEnd = after(firstEnd, "the second response", isEnd);
    const cachedSync = after(cached, "a sync", isSynced);
    assert.ok(cached < cachedSync && cachedSync < secondEnd, `${firstEnd} ${cached} ${cachedSync} ${secondEnd}`);

    const opened = first("the open record", (line) => line.includes(".jsonl>") && line.includes('stage\\":\\"open'));
    const switched = first("the switch", (line) => /write.*HTTP\/1\.1 101/.test(line));
    const openedSync = after(opened, "a sync", isSynced);
    assert.ok(opened < openedSync && openedSync < switched, `${opened} ${openedSync} ${switched}`);
  },
);
