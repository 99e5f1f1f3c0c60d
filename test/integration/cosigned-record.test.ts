import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readLogKey } from "#audit/merkle/log-key.ts";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startWitness, type TestWitness } from "#test/support/witness.ts";

let witness: TestWitness;
let gateway: TestGateway;

const definition = (): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
audit:
  flush: 10ms
  sync: 20ms
  witness: { every: 1s, cosigner: { url: "${witness.url}", key: "${witness.key}" } }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;

before(async () => {
  witness = await startWitness();
  gateway = await startTestGateway({ definition: definition(), args: ["--workers", "1"] });
});
after(async () => {
  await gateway?.cleanUp();
  await witness?.close();
});

it("has its record cosigned by a witness, keeps the cosignatures, and shows them", async () => {
  const path = (name: string): string => join(gateway.data, "audit", name);
  witness.log = readLogKey(readFileSync(path("log-key.pub"), "utf8")) ?? assert.fail();
  assert.equal((await call(gateway, "/")).status, 200);
  for (let tries = 0; !existsSync(path("cosignatures.txt")); tries += 1) {
    if (tries > 400) throw new Error(`not cosigned within 20 s: ${witness.answers.join()}\n${gateway.output()}`);
    await sleep(50);
  }
  assert.equal(await gateway.stop(), 0);
  const args = ["audit", "verify", "--data", gateway.data];
  const { code, stdout, stderr } = await runCli(args);
  assert.deepEqual([code, stderr], [0, ""]);
  const shown = /\n(\d+) cosigned by a witness, the last by witness\.example\/w1 at 2.*Z, of (\d+) lines\n$/.exec(
    stdout,
  );
  assert.equal(Number(shown?.[2]), witness.seen?.size, "the last one of all, which is taken along at the end");
  const wrong = await runCli([...args, "--witness-key", readFileSync(path("log-key.pub"), "utf8").trim()]);
  assert.deepEqual([wrong.code, wrong.stderr.includes("is no public key of a witness")], [2, true]);
});
