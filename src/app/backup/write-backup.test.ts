import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { gunzipSync } from "node:zlib";
import { contentsOf } from "./contents.ts";
import { createTarWriter } from "./tar-writer.ts";
import { addAll } from "./write-backup.ts";

it("takes a segment of the record once, in whichever form it is by then", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "sallyport-backup-"));
  t.after(() => rmSync(data, { recursive: true }));
  mkdirSync(join(data, "audit"));
  const names = ["audit/00000001.jsonl.zst", "audit/00000002.jsonl.zst", "audit/00000003.jsonl"];
  for (const name of names) writeFileSync(join(data, name), "lines");
  // As listed when the first was not compressed yet, and of the second there were both forms.
  const listed = ["audit/00000001.jsonl", "audit/00000002.jsonl", ...names.slice(1), "audit/log-key.pub"];
  const archive = join(data, "archive.tar.gz");
  const writer = createTarWriter(archive);
  const files = await addAll(writer, data, listed);
  await writer.close();
  assert.deepEqual(
    files.filter((file) => file !== null).map(({ path }) => path),
    names,
  );
  const tar = gunzipSync(readFileSync(archive)).toString("latin1");
  assert.equal(tar.split("00000002.jsonl.zst\0").length, 2);
});

it("reads what a witness has cosigned before the record that goes on meanwhile", async (t) => {
  const data = mkdtempSync(join(tmpdir(), "sallyport-backup-"));
  t.after(() => rmSync(data, { recursive: true }));
  mkdirSync(join(data, "audit"));
  const names = ["00000001.jsonl.zst", "00000002.jsonl", "cosignatures.txt", ".00000002.jsonl.zst.tmp"];
  for (const name of names) writeFileSync(join(data, "audit", name), "");
  const expected = ["audit/cosignatures.txt", "audit/00000001.jsonl.zst", "audit/00000002.jsonl"];
  assert.deepEqual(await contentsOf(data, true), expected);
});
