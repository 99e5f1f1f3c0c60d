import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { hello: { path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } } }
`;

interface Verified {
  readonly ok: boolean;
  readonly checkpoints: number;
  readonly firstBad?: { readonly problem: string; readonly seq: number };
}

/** What an auditor does with the record of a gateway, and what whoever tampers with it is found out by. */
describe("audit record", () => {
  let gateway: TestGateway;
  let folder: string;
  let segment: string;
  let key: string;
  let checkpoint: string;
  const lines = (): readonly string[] => readFileSync(segment, "utf8").split("\n").slice(0, -1);

  before(async () => {
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
    folder = join(gateway.data, "audit");
    segment = join(folder, "00000001.jsonl");
    for (let count = 0; count < 20; count += 1) assert.equal((await call(gateway, `/${count}`)).status, 200);
    assert.equal(await gateway.stop(), 0);
    const last = lines().findLast((line) => line.startsWith('{"kind":"checkpoint"')) ?? assert.fail();
    checkpoint = (JSON.parse(last) as { note: string }).note;
    key = (await runCli(["audit", "key", "--data", gateway.data])).stdout;
  });
  after(() => gateway.cleanUp());

  async function verify(...more: string[]): Promise<Verified & { readonly code: number | null }> {
    const { code, stdout, stderr } = await runCli(["audit", "verify", "--data", gateway.data, "--json", ...more]);
    assert.equal(stderr, "");
    return { code, ...(JSON.parse(stdout) as Verified) };
  }

  it("is signed by a key whose private half is sealed, and whose public half lies beside the record", async () => {
    assert.equal(readFileSync(join(folder, "log-key.pub"), "utf8"), key);
    assert.match(readFileSync(join(gateway.data, "audit-key.json"), "utf8"), /^-----BEGIN SALLYPORT SEALED-----/);
    const { ok, checkpoints, code } = await verify("--checkpoint", checkpoint, "--key", key.trim());
    assert.deepEqual([ok, code], [true, 0]);
    assert.ok(checkpoints >= 2);
    const { stdout } = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.match(
      stdout,
      /^ok: 20 records in 1 segment\n(.*\n)*\d+ checkpoints, the last of .*, with 1 lines behind it\n$/,
    );
  });

  it("shows against a witnessed checkpoint that its end was cut off", async () => {
    const whole = readFileSync(segment);
    const place = join(gateway.folder, "witnessed.txt");
    writeFileSync(place, checkpoint);
    truncateSync(segment, whole.indexOf('"path":"/15"'));
    assert.equal((await verify()).ok, true);
    const { ok, code, firstBad } = await verify("--checkpoint", place);
    assert.deepEqual([ok, code, firstBad?.problem], [false, 1, "truncated"]);
    assert.equal(firstBad?.seq, lines().length + 1);
    writeFileSync(segment, whole);
  });

  it("takes no checkpoint of another log, and no key that is none", async () => {
    const forged = checkpoint.replace(/\n\d+\n/, "\n3\n");
    for (const [args, says] of [
      [["--checkpoint", forged], /not signed by this log's key \(checkpoint-refused\)\n {2}fix:/],
      [["--checkpoint", "nothing"], /that is no checkpoint \(checkpoint-refused\)/],
      [["--key", "nothing"], /nothing is no public key of a log \(key-refused\)/],
    ] as const) {
      const { code, stderr } = await runCli(["audit", "verify", "--data", gateway.data, ...args]);
      assert.equal(code, 2);
      assert.match(stderr, says);
    }
  });

  it("goes on under the same key, and a new record gets a new one", async () => {
    gateway = await startTestGateway({ definition, folder: gateway.folder, args: ["--workers", "1"] });
    await gateway.stop();
    assert.equal((await runCli(["audit", "key", "--data", gateway.data])).stdout, key);
    assert.equal((await verify("--checkpoint", checkpoint)).ok, true);
    for (const name of readdirSync(folder)) if (name.endsWith(".jsonl")) rmSync(join(folder, name));
    gateway = await startTestGateway({ definition, folder: gateway.folder, args: ["--workers", "1"] });
    await gateway.stop();
    assert.notEqual((await runCli(["audit", "key", "--data", gateway.data])).stdout, key);
    assert.equal((await verify("--checkpoint", checkpoint, "--key", key)).firstBad?.problem, "signature-bad");
  });
});
