import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { searchRecords } from "#audit/read/search.ts";
import type { SearchQuery } from "#audit/read/search-query.ts";
import { createRecorder } from "#audit/record.ts";
import { servedExchange } from "#audit/testing/exchange.ts";
import { compressAll } from "#audit/testing/compressed-audit.ts";
import { ManualClock, openWriter, recordId, temporaryFolder } from "#audit/testing/doubles.ts";
import { fileOf, readSegments } from "#audit/testing/written-audit.ts";
import { createUuid7 } from "#lib/uuid7.ts";
import type { SearchIndex } from "#model/search-index.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";
import { Indexer } from "./indexer.ts";

const began = Date.parse("2026-03-01T12:00:00.000Z");
const blockBytes = 8 * 1024;
const recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery: [] });
const template = JSON.parse(recorder.encodeRecord(servedExchange(), 1003.5)) as Record<string, unknown>;

interface Made {
  readonly id: string;
  readonly at: number;
  readonly subject: string;
}

/** A record a second; each hundredth is of a request that took half an hour. Subjects need escapes and UTF-8. */
function recorded({ id, at, subject }: Made): Buffer {
  const denied = at % 7 === 0;
  const principal = { ...(template["principal"] as object), id: `https://id.example|${subject}`, subject };
  const time = new Date(at).toISOString();
  const outcome = denied ? { decision: "deny", reasons: ["access-denied"], status: 403 } : {};
  return Buffer.from(JSON.stringify({ ...template, id, time, principal, ...outcome }));
}

function write(folder: string, count: number): readonly Made[] {
  const clock = new ManualClock();
  const writer = openWriter(folder, { clock, segmentBytes: 64 * 1024 });
  const made: Made[] = [];
  for (let at = 0; at < count; at += 1) {
    clock.elapsed = at * 1000;
    const startedAt = at % 100 === 99 ? clock.now() - 1_800_000 : clock.now();
    const one = { id: createUuid7(randomOf(at), () => startedAt)(), at: startedAt, subject: `p"ü${at % 37}` };
    made.push(one);
    writer.append(recorded(one));
  }
  writer.close();
  return made;
}

const randomOf = (seed: number) => (count: number) =>
  Buffer.from(Array.from({ length: count }, (_, at) => (seed * 31 + at * 7) & 0xff));

function indexOf(t: TestContext, folder: string): SearchIndex {
  const index = openSearchIndex(join(folder, "search.db"));
  t.after(() => index.close());
  return index;
}

async function indexed(directory: string, index: SearchIndex): Promise<void> {
  const indexer = new Indexer({ directory, index, blockBytes });
  while ((await indexer.advance()) > 0);
}

function queryOf(filter: string, fromMs = 0, toMs: number = Number.MAX_SAFE_INTEGER): SearchQuery {
  const compiled = compileRecordFilter(filter);
  assert.ok(compiled.ok);
  const { matches, required } = compiled.filter;
  return { fromMs, toMs, required, matches: (record) => matches(record as never) };
}

async function idsOf(folder: string, index: SearchIndex | undefined, query: SearchQuery, limit = 10_000) {
  const { records, bytes } = await searchRecords(folder, index, query, limit);
  return { ids: records.map(({ id }) => id), bytes };
}

describe("indexer", () => {
  it("finds with an index what is found without one, and reads less", async (t) => {
    const folder = temporaryFolder(t);
    const made = write(folder, 1500);
    const index = indexOf(t, folder);
    await indexed(folder, index);
    const size = readSegments(folder).length * 64 * 1024;
    const filters = [
      'principal.subject == "p\\"ü5"',
      'decision == "deny" && principal.subject == "p\\"ü6"',
      'status == 403 && "access-denied" in reasons',
      "status == 403 || durationMs > 1000.0",
      `id == "${made[99]?.id}"`,
      `id == "${made[700]?.id}"`,
      'principal.subject == "nobody"',
      '!(decision == "allow")',
    ];
    for (const filter of filters) {
      for (const [from, to] of [
        [0, Number.MAX_SAFE_INTEGER],
        [began + 200_000, began + 300_000],
      ] as const) {
        const query = queryOf(filter, from, to);
        const { ids: expected } = await idsOf(folder, undefined, query);
        const { ids, bytes } = await idsOf(folder, index, query);
        assert.deepEqual(ids, expected, filter);
        assert.ok(bytes <= size);
      }
    }
    for (const { id, subject } of [made[99], made[700]] as readonly Made[]) {
      const { ids, bytes } = await idsOf(folder, index, queryOf(`id == "${id}"`));
      assert.deepEqual(ids, [id], subject);
      assert.ok(bytes < 12 * blockBytes, `${bytes} bytes for one id`);
    }
  });

  it("says the same of segments that are compressed, before they are read or after", async (t) => {
    const folder = temporaryFolder(t);
    const made = write(folder, 1500);
    const filters = ['principal.subject == "p\\"ü5"', 'decision == "deny"', `id == "${made[99]?.id}"`];
    const found = async (index: SearchIndex | undefined) =>
      Promise.all(filters.map(async (filter) => (await idsOf(folder, index, queryOf(filter))).ids));
    const expected = await found(undefined);
    const before = indexOf(t, folder);
    await indexed(folder, before);
    assert.ok((await compressAll(folder, 4096)) > 5);
    assert.deepEqual(await found(before), expected);
    assert.deepEqual(await found(undefined), expected);
    const after = openSearchIndex(join(folder, "after.db"));
    t.after(() => after.close());
    await indexed(folder, after);
    assert.deepEqual(await found(after), expected);
    const blocks = (index: SearchIndex) => [...index.blocks({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })];
    assert.deepEqual(blocks(after), blocks(before), "places are those of the text");
  });

  it("gives the newest of many, oldest of them first", async (t) => {
    const folder = temporaryFolder(t);
    const made = write(folder, 600);
    const index = indexOf(t, folder);
    await indexed(folder, index);
    const allowed = made.filter(({ at }) => at % 7 !== 0).map(({ id }) => id);
    const result = await searchRecords(folder, index, queryOf('decision == "allow"'), 5);
    assert.deepEqual(
      result.records.map(({ id }) => id),
      allowed.slice(-5),
    );
    assert.equal(result.more, true);
    assert.equal((await searchRecords(folder, index, queryOf("true"), 600)).more, false);
  });

  it("sees what was written after it, and goes on where it stopped", async (t) => {
    const folder = temporaryFolder(t);
    write(folder, 300);
    const index = indexOf(t, folder);
    await indexed(folder, index);
    const before = index.end();
    const writer = openWriter(folder, { segmentBytes: 64 * 1024 });
    const late = { id: recordId(59), at: began + 400_000, subject: "late" };
    writer.append(recorded(late));
    writer.close();
    assert.deepEqual((await idsOf(folder, index, queryOf('principal.subject == "late"'))).ids, [late.id]);
    await indexed(folder, index);
    assert.deepEqual((await idsOf(folder, index, queryOf('principal.subject == "late"'))).ids, [late.id]);
    assert.ok(index.end().segment > before.segment || index.end().offset >= before.offset);
  });

  it("lets two index the same record at the same time, each block once", async (t) => {
    const folder = temporaryFolder(t);
    write(folder, 800);
    const [one, other] = [indexOf(t, folder), indexOf(t, folder)];
    await Promise.all([indexed(folder, one), indexed(folder, other)]);
    const query = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
    const places = [...one.blocks(query)].map(({ segment, offset }) => `${segment}:${offset}`);
    assert.equal(new Set(places).size, places.length);
    const lines = [...one.blocks(query)].reduce((sum, block) => sum + block.lines, 0);
    assert.ok(lines > 800 - 64 && lines <= 900, `${lines} lines`);
  });

  it("reads a segment anew whose end was cut off and written again, and forgets what is retired", async (t) => {
    const folder = temporaryFolder(t);
    write(folder, 60);
    const index = indexOf(t, folder);
    await indexed(folder, index);
    const end = index.end();
    assert.ok(end.offset > 0);
    const path = join(folder, fileOf(end.segment));
    truncateSync(path, statSync(path).size - 40 * 1024);
    const other = recorded({ id: recordId(1), at: began, subject: "other" }).toString();
    appendFileSync(path, `\n${`${other}\n`.repeat(60)}`);
    await indexed(folder, index);
    assert.equal((await idsOf(folder, index, queryOf('principal.subject == "other"'))).ids.length, 0);
    // Lines that are no part of the chain are no entries; the blocks are those of the file as it is now.
    const blocks = [...index.blocks({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })];
    assert.ok(
      blocks.every(({ segment, offset, bytes }) => segment < end.segment || offset + bytes <= statSync(path).size),
    );
  });

  it("forgets blocks of segments that are gone", async (t) => {
    const folder = temporaryFolder(t);
    write(folder, 300);
    const index = indexOf(t, folder);
    await indexed(folder, index);
    rmSync(join(folder, fileOf(1)));
    await indexed(folder, index);
    const blocks = [...index.blocks({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER })];
    assert.ok(blocks.length > 0 && blocks.every(({ segment }) => segment > 1));
  });

  it("takes any bytes for a record", async (t) => {
    const folder = temporaryFolder(t);
    write(folder, 30);
    const hostile = [
      '{"id":"',
      '{"id":"x","principal":{,"method":"","decision":"","bytesIn":',
      "\0",
      '{"id":"y"}',
      "{}",
    ];
    appendFileSync(join(folder, fileOf(readSegments(folder).length)), `${hostile.join("\n")}\n`.repeat(200));
    const index = indexOf(t, folder);
    await indexed(folder, index);
    assert.ok((await idsOf(folder, index, queryOf("true"))).ids.length <= 30);
  });
});
