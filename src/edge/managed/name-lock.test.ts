import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFolder, type NameLock } from "./name-lock.ts";

const pause = (ms: number): Promise<void> => sleep(ms);
const times = { refreshMs: 50, staleMs: 400, lookMs: 10 };

describe("a lock between nodes", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sallyport-lock-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("has one holder at a time, in whatever order they come", async () => {
    let inside = 0;
    let most = 0;
    const visit = async (): Promise<void> => {
      const lock = (await lockFolder(folder, pause, 20_000, times)) as NameLock;
      inside += 1;
      most = Math.max(most, inside);
      await sleep(2);
      inside -= 1;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 30 }, visit));
    assert.equal(most, 1);
    assert.ok((await readdir(folder)).length <= 2, "old locks are removed");
  });

  it("is not given away while its holder lives", async () => {
    const lock = (await lockFolder(folder, pause, 1000, times)) as NameLock;
    assert.equal(await lockFolder(folder, pause, 1200, times), null);
    assert.equal(await lock.held(), true);
    await lock.release();
  });

  it("of a holder that died is taken over, once, and the dead one would know", async () => {
    const dead = (await lockFolder(folder, pause, 1000, { ...times, refreshMs: 2 ** 30 })) as NameLock;
    const takers = await Promise.all([1, 2, 3].map(() => lockFolder(folder, pause, 700, times)));
    assert.equal(takers.filter((lock) => lock !== null).length, 1);
    assert.equal(await dead.held(), false);
    for (const lock of takers) await lock?.release();
  });
});
