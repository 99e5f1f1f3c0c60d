import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { fileOf, writeAudit, writeSegment } from "#audit/testing/written-audit.ts";
import { generator } from "#audit/testing/generator.ts";
import { verifyAudit } from "./verify.ts";

const runs = 400;

describe("whatever is changed in a record, verify names the first bad one", () => {
  it("for any changed byte", async (t) => {
    const { folder, segments } = writeAudit(temporaryFolder(t));
    for (let seed = 1; seed <= runs; seed += 1) {
      const below = generator(seed);
      const segment = below(segments.length) + 1;
      const path = join(folder, fileOf(segment));
      const bytes = readFileSync(path);
      const at = below(bytes.length);
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ (below(255) + 1);
      writeFileSync(path, changed);
      const { ok, firstBad, tornTail } = await verifyAudit(folder);
      writeFileSync(path, bytes);
      if (segment === segments.length && at === bytes.length - 1) {
        assert.ok(tornTail, `seed ${seed}`);
        continue;
      }
      const line = bytes.subarray(0, at).toString("latin1").split("\n").length;
      assert.equal(ok, false, `seed ${seed}`);
      assert.deepEqual([firstBad?.file, firstBad?.line], [fileOf(segment), line], `seed ${seed}`);
    }
  });

  it("for any removed, repeated, moved or exchanged line", async (t) => {
    const { folder, segments } = writeAudit(temporaryFolder(t));
    const all = segments.flat();
    for (let seed = 1; seed <= runs; seed += 1) {
      const below = generator(seed);
      const from = below(all.length);
      const to = below(all.length);
      const changes: (readonly string[])[] = [
        all.toSpliced(from, 1),
        all.toSpliced(to, 0, all[from] ?? ""),
        all.toSpliced(from, 1).toSpliced(to, 0, all[from] ?? ""),
        all.with(from, all[to] ?? "").with(to, all[from] ?? ""),
      ];
      const changed = changes[below(changes.length)] ?? all;
      const first = changed.findIndex((line, index) => line !== all[index]);
      rewrite(folder, segments, changed);
      const { ok, firstBad, head } = await verifyAudit(folder);
      if (first < 0) {
        // Nothing but the end was removed, which shows in the head alone; or nothing changed at all.
        assert.deepEqual([ok, head.seq], [true, changed.length], `seed ${seed}`);
        continue;
      }
      assert.equal(ok, false, `seed ${seed}`);
      assert.equal(firstBad?.seq, first + 1, `seed ${seed}`);
    }
  });
});

/** Distributes the lines as they were, so that each file but the last keeps its number of lines. */
function rewrite(folder: string, segments: readonly (readonly string[])[], lines: readonly string[]): void {
  let from = 0;
  for (const [index, { length }] of segments.entries()) {
    const to = index === segments.length - 1 ? lines.length : from + length;
    writeSegment(folder, index + 1, lines.slice(from, to));
    from += length;
  }
}
