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

interface Numbered {
  readonly id: string;
  readonly seq: number;
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
      /^ok: 22 records in 1 segment\n(.*\n)*\d+ checkpoints, the last of .*, with 1 lines behind it\n$/,
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

  it("takes all checkpoints of a witness's file, each of which has to hold", async () => {
    const notes = lines().flatMap((line) => {
      const { kind, note } = JSON.parse(line) as { readonly kind?: string; readonly note: string };
      return kind === "checkpoint" ? [note] : [];
    });
    assert.ok(notes.length >= 2);
    const place = join(gateway.folder, "witnessed.txt");
    const check = async (text: string): Promise<readonly [number | null, string]> => {
      writeFileSync(place, text);
      const { code, stdout, stderr } = await runCli(["audit", "verify", "--data", gateway.data, "--checkpoint", place]);
      return [code, stdout + stderr];
    };
    const appended = notes.map((note) => `${note}\n`).join("");
    assert.equal((await check(appended))[0], 0);
    assert.equal((await check(`${appended}${notes[0]?.slice(0, 40)}`))[0], 0, "one is about to be appended");
    const [code, said] = await check(appended.replace(/\n\d+\n/, "\n4711\n"));
    assert.equal(code, 2);
    assert.match(said, /some of the checkpoints are not signed by this log's key/);
    // Also the last one, whatever empty lines are behind it.
    const last = notes.at(-1) ?? "";
    const [lastCode] = await check(`${notes[0]}\n${last.replace(/\n\d+\n/, "\n4711\n")}\n\n`);
    assert.equal(lastCode, 2);
    assert.match(
      (await check(`${notes[0]}\n${notes[1]?.slice(0, 40)}\n— x\n\n${notes[1]}`))[1],
      /part 2 of it is no checkpoint/,
    );
  });

  it("proves one record, and its own growth, to whoever has the key and nothing else", async () => {
    const keyFile = join(gateway.folder, "log-key.pub");
    writeFileSync(keyFile, key);
    const { id, seq } = JSON.parse(lines().findLast((line) => line.includes('"path":"/7"')) ?? "") as Numbered;
    for (const record of [id, String(seq)]) {
      const file = join(gateway.folder, "record.tlog-proof");
      const made = await runCli(["audit", "prove", record, "--data", gateway.data, "--out", file]);
      assert.deepEqual(made, { code: 0, stdout: "", stderr: "" });
      const { code, stdout } = await runCli(["audit", "check-proof", file, "--key", keyFile]);
      assert.equal(code, 0);
      assert.match(
        stdout,
        new RegExp(`^proven: line ${seq} of sallyport/.*\\n\\nRequest ${id} allowed, status 200\\n`),
      );
      writeFileSync(file, readFileSync(file, "utf8").replace(/^index \d+/m, "index 3"));
      const changed = await runCli(["audit", "check-proof", file, "--key", keyFile, "--json"]);
      assert.deepEqual([changed.code, (JSON.parse(changed.stdout) as Verified).ok], [1, false]);
    }
    const first = lines().find((line) => line.startsWith('{"kind":"checkpoint"')) ?? assert.fail();
    const { note } = JSON.parse(first) as { readonly note: string };
    const { stdout: growth } = await runCli(["audit", "prove", "--from", note, "--data", gateway.data]);
    const file = join(gateway.folder, "growth.txt");
    writeFileSync(file, growth);
    const { stdout } = await runCli(["audit", "check-proof", file, "--key", keyFile, "--from", note]);
    assert.match(stdout, /^proven: sallyport\/\S+ goes on from 1 lines to \d+\n$/);
    const absent = await runCli(["audit", "prove", "4711", "--data", gateway.data]);
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /no checkpoint speaks of it yet \("4711"\) \(not-signed\)\n {2}fix:/);
  });

  it("takes no checkpoint of another log, and no key that is none", async () => {
    const forged = checkpoint.replace(/\n\d+\n/, "\n3\n");
    for (const [args, says] of [
      [["--checkpoint", forged], /not signed by this log's key \(checkpoint-refused\)\n {2}fix:/],
      [["--checkpoint", "nothing"], /nothing is no checkpoint, and no file with one \(checkpoint-refused\)/],
      [["--checkpoint", "no\ncheckpoint"], /that is no checkpoint \(checkpoint-refused\)/],
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
