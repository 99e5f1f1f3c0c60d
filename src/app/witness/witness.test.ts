import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createEgress } from "#upstream/egress-fetch.ts";
import { startUpstream } from "#test/support/upstream.ts";
import { Witness } from "./witness.ts";

const clock = { now: () => Date.now(), mono: () => performance.now() };

describe("the witness of the record", () => {
  it("gets the newest checkpoint, again and again until it has taken it, and a file gets it too", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-witness-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "checkpoints.txt");
    const bodies: string[] = [];
    let refusals = 1;
    const server = await startUpstream((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(body);
        response.writeHead(refusals-- > 0 ? 503 : 204).end();
      });
    });
    t.after(() => server.close());
    const warned: string[] = [];
    const note = (message: string): void => void warned.push(message);
    const witness = new Witness({
      settings: { url: `${server.url}/checkpoints`, file, cosigner: null, everyMs: 20 },
      directory: folder,
      egress: createEgress({ allow: [], ownAddresses: [], clock }),
      clock,
      log: { info: note, warn: note, error: note },
    });
    assert.equal(witness.state.lagSeconds, 0);
    witness.offer("one\n");
    witness.offer("two\n");
    while (bodies.length < 1) await sleep(5);
    witness.offer("three\n");
    assert.ok(witness.state.lagSeconds > 0);
    while (witness.state.lagSeconds > 0) await sleep(20);
    assert.deepEqual([bodies, warned.length], [["two\n", "three\n"], 1]);
    assert.equal(readFileSync(file, "utf8"), "two\n\nthree\n\n");
    witness.offer("four\n");
    await witness.stop();
    assert.equal(bodies.at(-1), "four\n", "what is owed at the end is handed over");
  });
});
