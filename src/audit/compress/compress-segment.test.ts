import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { realDisk } from "#audit/disk.ts";
import { findRecord } from "#audit/read/find.ts";
import { tailRecords } from "#audit/read/tail.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { dueSegments } from "#audit/retention.ts";
import { segmentName } from "#audit/segment-name.ts";
import { compressAll } from "#audit/testing/compressed-audit.ts";
import { openWriter, recordId, shortRecord, temporaryFolder } from "#audit/testing/doubles.ts";
import { writeAudit, type WrittenAudit } from "#audit/testing/written-audit.ts";
import { Compressor } from "./compressor.ts";

const frameBytes = 512;

const keep = (maxBytes: number) => ({ maxBytes, maxAgeMs: null, behindBytes: null, behindAgeMs: null });

function audit(t: TestContext): WrittenAudit {
  const written = writeAudit(temporaryFolder(t));
  assert.ok(written.segments.length >= 4);
  return written;
}

/** Everything that the record says of itself, whichever form its segments are in. */
async function readAll({ folder, segments }: WrittenAudit): Promise<unknown> {
  const { bytes, ...result } = await verifyAudit(folder);
  const tail = await tailRecords(folder, 1000);
  const found = await findRecord(folder, recordId(1));
  return { ...result, isWhole: bytes === segments.flat().reduce((sum, line) => sum + line.length + 1, 0), tail, found };
}

describe("a compressed segment", () => {
  it("says all that it said before, and takes the place of what it was made of", async (t) => {
    const written = audit(t);
    const before = await readAll(written);
    const mode = statSync(join(written.folder, segmentName(1))).mode;
    assert.equal(await compressAll(written.folder, frameBytes), written.segments.length - 1);
    const names = readdirSync(written.folder).toSorted();
    const last = written.segments.length;
    assert.deepEqual(
      names,
      written.segments.map((_, at) => segmentName(at + 1, at + 1 === last ? "text" : "zstd")),
    );
    assert.equal(statSync(join(written.folder, segmentName(1, "zstd"))).mode, mode);
    assert.deepEqual(await readAll(written), before);
  });

  it("is given back by zstd alone, byte for byte", async (t) => {
    const zstd = spawnSync("zstd", ["--version"]);
    if (zstd.status !== 0) return t.skip("there is no zstd here");
    const written = audit(t);
    const text = readFileSync(join(written.folder, segmentName(2)));
    await compressAll(written.folder, frameBytes);
    const { status, stdout } = spawnSync("zstd", ["-d", "-c", join(written.folder, segmentName(2, "zstd"))]);
    assert.equal(status, 0);
    assert.ok(stdout.equals(text));
  });

  it("is one segment wherever a crash left it, and is finished with at the next start", async (t) => {
    const written = audit(t);
    const before = await readAll(written);
    const path = join(written.folder, segmentName(2));
    const kept = `${path}.kept`;
    copyFileSync(path, kept);
    await compressAll(written.folder, frameBytes);
    // Between the rename and the unlink: both are there.
    copyFileSync(kept, path);
    // In the middle of the next: half a temporary file.
    const half = join(written.folder, ".00000003.jsonl.zst.tmp");
    writeFileSync(half, readFileSync(join(written.folder, segmentName(3, "zstd"))).subarray(0, 100));
    assert.deepEqual(await readAll(written), before);
    openWriter(written.folder).close();
    const compressor = new Compressor({ directory: written.folder, onProblem: (message) => assert.fail(message) });
    await compressor.sweep();
    await compressor.next();
    assert.deepEqual([existsSync(half), existsSync(path)], [false, false]);
    assert.equal((await verifyAudit(written.folder)).ok, true);
  });

  it("stays beside a text that is another one, and says so", async (t) => {
    const written = audit(t);
    const path = join(written.folder, segmentName(2));
    const text = readFileSync(path, "utf8");
    await compressAll(written.folder, frameBytes);
    writeFileSync(path, text.replace("orders", "others"));
    const problems: string[] = [];
    const compressor = new Compressor({ directory: written.folder, onProblem: (message) => problems.push(message) });
    await compressor.next();
    await compressor.next();
    assert.match(problems.join(), /differs/);
    assert.equal(problems.length, 1);
    assert.ok(existsSync(path) && existsSync(join(written.folder, segmentName(2, "zstd"))));
    assert.equal((await verifyAudit(written.folder)).ok, false, "and what was put there counts");
  });

  it("is not made of one that was retired meanwhile", async (t) => {
    const written = audit(t);
    const { folder } = written;
    const compressor = new Compressor({ directory: folder, frameBytes, onProblem: (message) => assert.fail(message) });
    const due = dueSegments(folder, keep(1), 0);
    const working = compressor.next();
    const { paths } = due.at(-1) ?? assert.fail();
    for (const path of paths) realDisk.remove(path);
    await working.catch(() => {});
    assert.deepEqual(paths.map(existsSync), [false, false]);
  });

  it("counts by what it takes on the disk, and goes in either form", async (t) => {
    const { folder, segments } = audit(t);
    await compressAll(folder, frameBytes);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    const all = sizes.reduce((sum, size) => sum + size, 0);
    assert.deepEqual(dueSegments(folder, keep(all), 0), []);
    const writer = openWriter(folder, { retention: keep(1) });
    writer.close();
    assert.deepEqual(readdirSync(folder), [segmentName(segments.length)]);
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("is where a record goes on whose newest segment is gone", async (t) => {
    const { folder, segments } = audit(t);
    await compressAll(folder, frameBytes);
    rmSync(join(folder, segmentName(segments.length)));
    const writer = openWriter(folder);
    writer.append(shortRecord(99));
    writer.close();
    const { ok, gaps } = await verifyAudit(folder);
    assert.deepEqual([ok, gaps.map(({ why }) => why)], [true, ["crash"]]);
  });

  it("is whole however often whoever makes it is killed", async (t) => {
    const { folder, segments } = writeAudit(temporaryFolder(t), 1000, 20_000);
    const script = `
      import { Compressor } from "#audit/compress/compressor.ts";
      const compressor = new Compressor({ directory: process.argv[1], frameBytes: 1024, onProblem: (m) => console.log(m) });
      await compressor.sweep();
      process.stdout.write("begun\\n");
      for (let idle = 0; idle < 3;) idle = (await compressor.next()) === null ? idle + 1 : 0;
      process.stdout.write("done\\n");`;
    const root = new URL("../../..", import.meta.url);
    let said = "";
    let kills = 0;
    for (; kills < 8 && !said.includes("done"); kills += 1) {
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, "--", folder], {
        cwd: root,
      });
      said = "";
      child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
      while (!said.includes("begun") && child.exitCode === null) await sleep(2);
      await sleep(1 + 6 * kills);
      child.kill("SIGKILL");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      const { ok, records } = await verifyAudit(folder);
      assert.deepEqual([ok, records], [true, 1000], `after kill ${kills}: ${said}`);
    }
    assert.ok(kills > 1);
    await compressAll(folder, 1024);
    assert.equal(readdirSync(folder).filter((name) => name.endsWith(".zst")).length, segments.length - 1);
  });
});
