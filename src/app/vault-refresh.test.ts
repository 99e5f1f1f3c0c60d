import assert from "node:assert/strict";
import { it, mock } from "node:test";
import type { Diagnostic } from "#model/diagnostic.ts";
import { VaultRefresh } from "./vault-refresh.ts";

const stale: Diagnostic = {
  code: "vault-stale",
  severity: "warning",
  message: "as before",
  at: { file: "f", line: 1, column: 1 },
};

it("values of vaults are read again every four hours, and sooner when a vault gave no answer", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const minutes = async (count: number): Promise<void> => {
    mock.timers.tick(count * 60_000);
    for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
  };
  const answers: (readonly Diagnostic[] | null)[] = [[], [stale], null, []];
  const warned: string[] = [];
  const log = { info: () => undefined, warn: (text: string) => void warned.push(text), error: () => undefined };
  let isUsed = false;
  let reloads = 0;
  const refresh = new VaultRefresh(
    () => isUsed,
    async () => answers[reloads++] ?? null,
    log,
  );
  try {
    refresh.arm();
    await minutes(240);
    assert.equal(reloads, 0, "nothing comes from a vault");
    isUsed = true;
    await minutes(239);
    assert.equal(reloads, 0);
    await minutes(1);
    assert.deepEqual([reloads, warned.length], [1, 0]);
    await minutes(240);
    assert.deepEqual([reloads, warned.length], [2, 1]);
    await minutes(10);
    assert.equal(reloads, 3, "after an answer that was none");
    await minutes(10);
    assert.equal(reloads, 4, "after a reload that was refused");
    await minutes(10);
    assert.equal(reloads, 4);
    refresh.stop();
    await minutes(1000);
    assert.equal(reloads, 4);
  } finally {
    refresh.stop();
    mock.timers.reset();
  }
});
