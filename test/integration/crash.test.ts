import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** Killed without warning while it serves: what is on disk must still be a whole, unaltered chain. */
describe("SIGKILL under load", () => {
  let upstream: TestUpstream;
  let definition = "";
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { echo: { path: /echo, backend: echo, access: public } }
backends: { echo: { url: "${upstream.url}" } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "2"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  interface Load {
    stop: boolean;
    answered: number;
  }

  async function load(target: TestGateway, state: Load): Promise<void> {
    const one = async (): Promise<void> => {
      while (!state.stop) {
        const ok = await call(target, "/echo/x").then(
          ({ status }) => status === 200,
          () => false,
        );
        if (!ok) return;
        state.answered += 1;
      }
    };
    await Promise.all(Array.from({ length: 8 }, one));
  }

  it("leaves a record that verifies, and the next run goes on with it, its gap marked", async () => {
    for (let round = 1; round <= 3; round += 1) {
      const state: Load = { stop: false, answered: 0 };
      const loaded = load(gateway, state);
      // However slow the machine: it is killed in the middle of its work.
      while (state.answered < 50) await sleep(20);
      await gateway.kill();
      state.stop = true;
      await loaded;
      const { code, stdout, stderr } = await runCli(["audit", "verify", "--data", gateway.data, "--json"]);
      assert.equal(code, 0, stdout + stderr);
      const result = JSON.parse(stdout) as { ok: boolean; records: number; gaps: unknown[] };
      assert.ok(result.records > 0);
      assert.equal(result.gaps.length, round - 1, "each earlier crash left one gap");
      gateway = await startTestGateway({ definition, folder: gateway.folder, args: ["--workers", "2"] });
    }
    await call(gateway, "/echo/after");
    assert.equal(await gateway.stop(), 0);
    const { code, stdout } = await runCli(["audit", "verify", "--data", gateway.data, "--json"]);
    assert.equal(code, 0, stdout);
    assert.equal((JSON.parse(stdout) as { gaps: unknown[] }).gaps.length, 3);
  });
});
