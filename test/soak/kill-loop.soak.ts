import assert from "node:assert/strict";
import { freemem } from "node:os";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import {
  diceOf,
  KeepAliveClient,
  openTls,
  publicDefinition,
  recordedIds,
  scaled,
  soakSeed,
  startInsideGateway,
  until,
} from "./support.ts";

/** The writer syncs each second; what was answered longer ago than this must be on disk. */
const promisedMs = 2000;

interface Seen {
  readonly id: string;
  readonly at: number;
}

/** Asks over and over until told to stop, and after a failure tries again: a killed gateway refuses connections. */
async function load(gateway: TestGateway, connections: number, stop: { now: boolean }): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const client = new KeepAliveClient(gateway, connections);
  const one = async (): Promise<void> => {
    while (!stop.now) {
      try {
        const { status, id } = await client.get("/echo/x");
        if (status === 200) seen.push({ id, at: Date.now() });
      } catch {
        await sleep(20);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  client.close();
  return seen;
}

interface Verdict {
  readonly ok: boolean;
  readonly records: number;
  readonly gapCount: number;
  readonly gaps: readonly { readonly why: string }[];
}

async function verify(gateway: TestGateway): Promise<Verdict> {
  const { code, stdout, stderr } = await runCli(["audit", "verify", "--data", gateway.data, "--json"]);
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout) as Verdict;
}

interface Crash {
  /** When it was asked for. A worker that fills its memory does nothing else until it ends. */
  readonly from: number;
  readonly to: number;
}

/** @param crashes when a worker ended: what it had just answered may be missing, which a gap line must then tell */
function assertRecorded(
  gateway: TestGateway,
  seen: readonly Seen[],
  end: number,
  why: string,
  crashes: readonly Crash[] = [],
): number {
  const recorded = recordedIds(gateway);
  const excused = (at: number): boolean => crashes.some(({ from, to }) => at > from - 1000 && at < to + 1000);
  const due = seen.filter(({ at }) => at < end - promisedMs && !excused(at));
  const missing = due.filter(({ id }) => !recorded.has(id));
  assert.deepEqual(missing, [], `${why}: answered more than ${promisedMs} ms before, and not on record`);
  return due.length;
}

describe(`crash loop (seed ${soakSeed})`, () => {
  let upstream: TestUpstream;
  let definition = "";

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.end("ok");
    });
    definition = publicDefinition(upstream.url);
  });
  after(() => upstream.close());

  it("survives SIGKILL at any moment: the record verifies, and holds what was answered before", async (t) => {
    const dice = diceOf(soakSeed);
    const kills = Math.max(25, scaled(25));
    const args = ["--workers", "2"];
    let gateway = await startTestGateway({ definition, args });
    t.after(() => gateway.cleanUp());
    let due = 0;
    let answered = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      const stop = { now: false };
      const served = load(gateway, dice.between(2, 12), stop);
      // Some die young, most after the promise has begun to bind.
      await sleep(dice.below(4) === 0 ? dice.below(500) : dice.between(2200, 4000));
      const killedAt = Date.now();
      await gateway.kill();
      stop.now = true;
      const seen = await served;
      answered += seen.length;
      const verdict = await verify(gateway);
      assert.equal(verdict.gapCount, kill - 1, "each earlier crash left exactly one gap");
      assert.ok(
        verdict.gaps.every(({ why }) => why === "crash"),
        JSON.stringify(verdict.gaps),
      );
      due += assertRecorded(gateway, seen, killedAt, `kill ${kill}`);
      gateway = await startTestGateway({ definition, folder: gateway.folder, args });
    }
    assert.equal(await gateway.stop(), 0);
    const last = await verify(gateway);
    assert.equal(last.gapCount, kills);
    assert.ok(due > 0, "some of it was due");
    t.diagnostic(`${kills} kills, ${answered} answers seen, ${due} of them due on record, ${last.records} records`);
  });

  for (const how of ["throw", "exit", "fill"] as const) {
    const tooSmall = how === "fill" && freemem() < 3 * 2 ** 30;
    const skip = tooSmall ? "less than 3 GiB of free memory" : false;
    it(
      `replaces a worker that ends by ${how}, without an end of the gateway or a loss of records`,
      { skip },
      async (t) => {
        const gateway = await startInsideGateway({ definition });
        t.after(() => gateway.cleanUp());
        const stop = { now: false };
        const served = load(gateway, 8, stop);
        const crashes: Crash[] = [];
        const wanted = how === "fill" ? 1 : 3;
        for (let crash = 1; crash <= wanted; crash += 1) {
          await sleep(1500);
          const from = Date.now();
          gateway.crash("sallyport-0", how);
          const restarts = (): number => gateway.output().split("worker ended, starting another").length - 1;
          await until("the worker was seen to end", () => restarts() === crash);
          crashes.push({ from, to: Date.now() });
          assert.equal(gateway.process.exitCode, null, "the process goes on");
          await until("both workers answer again", () =>
            gateway.heaps(15_000).then(
              () => true,
              () => false,
            ),
          );
          // New connections are served whichever worker they come to.
          const sockets = await Promise.all(Array.from({ length: 16 }, () => openTls(gateway, "http/1.1")));
          for (const socket of sockets) socket.destroy();
        }
        await sleep(promisedMs + 500);
        const end = Date.now();
        stop.now = true;
        const seen = await served;
        const due = assertRecorded(gateway, seen, end, how, crashes);
        assert.ok(due > 0);
        assert.equal(await gateway.stop(), 0);
        const { records, gaps } = await verify(gateway);
        // A worker may die while it writes a record, and that one is told of as well.
        assert.ok(
          gaps.every(({ why }) => why === "worker-ended" || why === "malformed"),
          JSON.stringify(gaps),
        );
        const ended = gaps.filter(({ why }) => why === "worker-ended").length;
        assert.equal(ended, wanted, `each crash left its gap\n${gateway.output()}`);
        t.diagnostic(`${wanted} crashes, ${seen.length} answers, ${due} due, ${records} records`);
      },
    );
  }
});
