import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { describe, it } from "node:test";
import { chainRecord, chainStart } from "#audit/chain.ts";
import { Indexer } from "#audit/index/indexer.ts";
import { proofText, readProof } from "#audit/merkle/proof-text.ts";
import { checkLine, provenEntry } from "#audit/read/check-line.ts";
import { findRecord } from "#audit/read/find.ts";
import { proveLine } from "#audit/read/prove.ts";
import { eachRecord, searchRecords } from "#audit/read/search.ts";
import type { Found, SearchQuery } from "#audit/read/search-query.ts";
import { nextStretch } from "#audit/read/stretch.ts";
import { tailRecords } from "#audit/read/tail.ts";
import { verifyAudit } from "#audit/read/verify.ts";
import { placedRecords } from "#audit/sinks/placed-records.ts";
import { compressAll } from "#audit/testing/compressed-audit.ts";
import { FailingDisk, ManualClock, openWriter, recordId, temporaryFolder } from "#audit/testing/doubles.ts";
import { person, servedExchange } from "#audit/testing/exchange.ts";
import { generator } from "#audit/testing/generator.ts";
import { type ShortAudit, ShortWriting, writeShortAudit } from "#audit/testing/short-audit.ts";
import { testLogKey } from "#audit/testing/signed-audit.ts";
import { writeSegment } from "#audit/testing/written-audit.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import type { StoredRecord } from "#model/record.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";

const everything: SearchQuery = { fromMs: 0, toMs: Infinity, required: [], matches: () => true };

function queryOf(filter: string): SearchQuery {
  const compiled = compileRecordFilter(filter);
  assert.ok(compiled.ok);
  const { matches, required } = compiled.filter;
  return { ...everything, required, matches: (record) => matches(record as never) };
}

/** As text: the order of members counts as well. */
function unchained(found: Found | undefined): string {
  const { seq: _seq, prev: _prev, hash: _hash, ...rest } = found as StoredRecord;
  return JSON.stringify(rest);
}

function texts(records: readonly unknown[]): readonly string[] {
  return records.map((one) => JSON.stringify(one));
}

async function all(folder: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  await eachRecord(folder, undefined, everything, (record) => void found.push(record));
  return found;
}

async function checkReaders(audit: ShortAudit): Promise<void> {
  const { folder } = audit;
  const expected = texts(audit.expected);
  assert.deepEqual((await all(folder)).map(unchained), expected, "search");
  const tail = (await tailRecords(folder, 1000)).filter((entry) => !("kind" in entry)) as readonly Found[];
  assert.deepEqual(tail.map(unchained), expected, "tail");
  assert.ok((await tailRecords(folder, 1000)).every((entry) => !("kind" in entry && entry.kind === "shared")));
  const sent: string[] = [];
  for (let at = { segment: 0, offset: 0 }, more = true; more;) {
    const stretch = await nextStretch(folder, at, 1);
    for (const { line, record } of placedRecords(stretch).records) {
      assert.equal(unchained(JSON.parse(line) as Found), unchained(record), "what sinks send is whole");
      sent.push(unchained(record));
    }
    ({ end: at, more } = stretch);
  }
  assert.deepEqual(sent, expected, "sinks, follow and the access log");
  for (const one of audit.expected)
    assert.equal(unchained(await findRecord(folder, one.id ?? "")), JSON.stringify(one));
}

describe("a short record", () => {
  it("reads as the whole one, whoever reads it, also in a compressed segment", async (t) => {
    const audit = writeShortAudit(temporaryFolder(t));
    assert.ok(audit.segments.length > 3 && audit.short > 40, `${audit.segments.length} segments, ${audit.short} short`);
    await checkReaders(audit);
    const { ok, records, firstBad } = await verifyAudit(audit.folder);
    assert.deepEqual([ok, records], [true, audit.expected.length], JSON.stringify(firstBad));
    await compressAll(audit.folder, 1024);
    await checkReaders(audit);
    assert.equal((await verifyAudit(audit.folder)).ok, true);
  });

  it("is found by what it refers to, with an index and without", async (t) => {
    const { folder, expected } = writeShortAudit(temporaryFolder(t), 300);
    const index = openSearchIndex(join(folder, "search.db"));
    t.after(() => index.close());
    const indexer = new Indexer({ directory: folder, index, blockBytes: 4096 });
    while ((await indexer.advance()) > 0);
    for (const filter of ['principal.subject == "jane"', 'principal.subject == "ümit" && route.api == "orders"']) {
      const query = queryOf(filter);
      const subject = filter.includes("jane") ? "jane" : "ümit";
      const wanted = texts(expected.filter(({ principal }) => principal?.subject === subject));
      for (const by of [index, undefined]) {
        const { records } = await searchRecords(folder, by, query, 1000);
        assert.deepEqual(records.map(unchained), wanted, `${filter}, ${by === undefined ? "read" : "indexed"}`);
      }
    }
    const { bytes, records } = await searchRecords(folder, index, queryOf('principal.subject == "nobody"'), 9);
    assert.deepEqual([bytes < 20_000, records], [true, []], `${bytes} bytes: what has no index yet`);
  });

  it("tells that a request is about to go out, and then how it ended", async (t) => {
    const folder = temporaryFolder(t);
    const writing = new ShortWriting();
    const writer = openWriter(folder, { clock: new ManualClock() });
    const expected: string[] = [];
    let short = 0;
    for (let count = 0; count < 6; count += 1) {
      const exchange = servedExchange({ id: recordId(count) });
      for (const stage of ["intent", undefined] as const) {
        const line = writing.encode(exchange, 1002, stage);
        if (line.includes('"shared":"')) short += 1;
        writer.append(line, 0, line.length, writing.slots);
        if (stage === "intent")
          expected.push(JSON.stringify(JSON.parse(writing.recorder.encodeRecord(exchange, 1002, undefined, stage))));
      }
    }
    writer.close();
    assert.ok(short >= 10, `${short} of 12 are short`);
    const intents: Found[] = [];
    await eachRecord(folder, undefined, queryOf('stage == "intent"'), (record) => void intents.push(record));
    assert.deepEqual(intents.map(unchained), expected);
    assert.equal(
      expected.every((text) => text.endsWith(',"stage":"intent"}')),
      true,
    );
    assert.equal((await all(folder)).length, 6, "an intent is nothing that has ended");
    const ended = (await findRecord(folder, recordId(3))) as StoredRecord;
    assert.equal(ended.stage, undefined);
    assert.equal((await verifyAudit(folder)).records, 12);
  });

  it("is proven with what it refers to, and with nothing else", async (t) => {
    const { signer, key } = testLogKey();
    const audit = writeShortAudit(temporaryFolder(t), 30, { segmentBytes: 12_000, signer });
    const lines = audit.segments.flat();
    const seqs = lines.flatMap((line, at) => (line.includes('"shared":"') ? [at + 1] : []));
    const [first, other] = [
      await proveLine(audit.folder, seqs[0] ?? 0),
      await proveLine(audit.folder, seqs.at(-2) ?? 0),
    ];
    assert.ok(typeof first !== "string" && typeof other !== "string");
    assert.equal(first.shared.length, 2);
    const read = readProof(proofText(first));
    assert.deepEqual(read, first);
    assert.equal(checkLine(first, [key]), undefined);
    assert.equal(
      unchained(provenEntry(first) as Found),
      JSON.stringify(audit.expected.find(({ id }) => first.line.includes(id ?? "none"))),
    );
    assert.match(checkLine({ ...first, shared: [] }, [key]) ?? "", /missing/);
    assert.match(checkLine({ ...first, shared: other.shared }, [key]) ?? "", /another line/);
    assert.match(checkLine({ ...first, shared: first.shared.toReversed() }, [key]) ?? "", /another line/);
    const text = proofText(first);
    for (let at = 0; at < text.length; at += 3) {
      const changed = readProof(text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1));
      if (changed?.kind === "inclusion") assert.notEqual(checkLine(changed, [key]), undefined, `byte ${at}`);
    }
  });

  it("is written whole when what it shares comes once, and when there is no room to tell it", () => {
    const writing = new ShortWriting();
    for (let count = 0; count < 50; count += 1) {
      const exchange = servedExchange();
      exchange.principal = { ...person };
      assert.ok(!writing.encode(exchange, 1004).includes('"shared"'));
    }
    assert.equal(writing.told, 0);
    const full = new ShortWriting();
    Object.defineProperty(full.teller, "tell", { value: () => null });
    for (let count = 0; count < 3; count += 1) assert.ok(!full.encode(servedExchange(), 1004).includes('"shared"'));
  });

  it("shares nothing that was cut for the sake of one long request", () => {
    const writing = new ShortWriting();
    const groups = Array.from({ length: 20 }, (_, at) => `group-${at}`);
    const principal = { ...person, groups };
    const send = (path: string): Buffer => {
      const exchange = servedExchange({ path, query: path });
      exchange.principal = principal;
      return writing.encode(exchange, 1004);
    };
    for (let count = 0; count < 3; count += 1) {
      const line = send("\u0001".repeat(2000)).toString();
      assert.ok(!line.includes('"shared"') && line.includes("group-1") && !line.includes("group-9"));
    }
    assert.equal(writing.told, 0);
    assert.ok(send("/orders/7").includes('"shared"'));
    assert.ok(writing.slots.at(1)?.members.includes("group-19"));
  });

  it("says the same when more people come than can be told of at a time", async (t) => {
    const folder = temporaryFolder(t);
    const writing = new ShortWriting([], { things: 1024, bytes: 1024 * 1024 });
    const writer = openWriter(folder, { segmentBytes: 1024 * 1024 });
    const people = Array.from({ length: 1044 }, (_, at) => ({ ...person, subject: `person-${at}` }));
    const expected: string[] = [];
    const send = (at: number): void => {
      const exchange = servedExchange();
      exchange.principal = people[at] ?? person;
      const line = writing.encode(exchange, 1004);
      expected.push(`person-${at}`);
      writer.append(line, 0, line.length, writing.slots);
    };
    for (let at = 0; at < people.length; at += 1) for (const times of [1, 2]) if (times > 0) send(at);
    for (let at = 0; at < people.length; at += 3) send(at);
    writer.close();
    assert.deepEqual(
      (await all(folder)).map((one) => one.principal.subject),
      expected,
    );
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("is counted as lost when it refers to what nobody has told", async (t) => {
    const folder = temporaryFolder(t);
    const writing = new ShortWriting();
    const writer = openWriter(folder);
    const lines = Array.from({ length: 3 }, () => writing.encode(servedExchange(), 1004));
    assert.equal(writer.append(lines[2] ?? assert.fail()), false);
    assert.equal(writer.append(lines[2] ?? assert.fail(), 0, lines[2]?.length, new ShortWriting().slots), false);
    writer.close();
    assert.deepEqual(
      (await verifyAudit(folder)).gaps.map(({ why, lost }) => [why, lost]),
      [["malformed", 2]],
    );
  });

  it("refers to lines of the segment that it comes to stand in, whatever the disk does meanwhile", async (t) => {
    const folder = temporaryFolder(t);
    const disk = new FailingDisk();
    const writing = new ShortWriting();
    const clock = new ManualClock();
    const writer = openWriter(folder, { segmentBytes: 3500, disk, clock });
    const expected: string[] = [];
    for (let count = 0; count < 40; count += 1) {
      // Half a batch is taken, then nothing for a while; a new segment cannot be made either.
      if (count % 10 === 3) disk.room = 700;
      if (count % 10 === 5) disk.failing = "create";
      if (count % 10 === 8) {
        disk.room = Infinity;
        disk.failing = "nothing";
      }
      const line = writing.encode(servedExchange({ path: `/orders/${count}` }), 1004);
      assert.ok(writer.append(line, 0, line.length, writing.slots));
      expected.push(`/orders/${count}`);
      clock.elapsed += 1500;
      writer.sync();
    }
    writer.close();
    const { firstBad, segments } = await verifyAudit(folder);
    assert.deepEqual([firstBad, segments > 3], [undefined, true]);
    const found = await all(folder);
    assert.deepEqual(
      found.map((one) => (one as StoredRecord).path),
      expected,
    );
  });
});

describe("verify, of a record with short ones", () => {
  const runs = 150;

  it("names the first bad line for any changed byte, dropped, repeated, moved or exchanged line", async (t) => {
    const { folder, segments } = writeShortAudit(temporaryFolder(t), 25, { segmentBytes: 64 * 1024 });
    const lines = segments[0] ?? assert.fail();
    const shared = lines.flatMap((line, at) => (line.startsWith('{"kind":"shared"') ? [at] : []));
    assert.ok(shared.length > 3);
    for (let seed = 1; seed <= runs; seed += 1) {
      const below = generator(seed);
      const [from, to] = [shared[below(shared.length)] ?? 0, below(lines.length - 1)];
      const line = lines[from] ?? "";
      const at = below(line.length);
      const flipped = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
      const changes: (readonly string[])[] = [
        lines.with(from, flipped),
        lines.toSpliced(from, 1),
        lines.toSpliced(to, 0, line),
        lines.toSpliced(from, 1).toSpliced(to, 0, line),
        lines.with(from, lines[to] ?? "").with(to, line),
      ];
      const changed = changes[seed % changes.length] ?? lines;
      const first = changed.findIndex((one, index) => one !== lines[index]);
      writeSegment(folder, 1, changed);
      const { ok, firstBad } = await verifyAudit(folder);
      assert.deepEqual([ok, firstBad?.seq], first < 0 ? [true, undefined] : [false, first + 1], `seed ${seed}`);
    }
  });

  it("refuses one that refers to what is no line for it, though the chain is whole", async (t) => {
    const { folder, segments } = writeShortAudit(temporaryFolder(t), 25, { segmentBytes: 64 * 1024 });
    const lines = segments[0] ?? assert.fail();
    const at = lines.findIndex((line) => line.includes('"shared":"'));
    const wrong: readonly (readonly [number, (line: string) => string])[] = [
      [at, (line) => line.replace(/"shared":"00000001/, '"shared":"00000002')],
      [at, (line) => line.replace(/"shared":"00000001\.[0-9a-f]{8}/, '"shared":"00000001.00000000')],
      [
        lines.findIndex((line) => line.startsWith('{"kind":"shared"')),
        (line) => line.replace(/"offset":/, '"offset":1'),
      ],
    ];
    for (const [bad, change] of wrong) {
      writeSegment(folder, 1, chainedAnew(lines.with(bad, change(lines[bad] ?? ""))));
      const { firstBad } = await verifyAudit(folder);
      assert.deepEqual([firstBad?.problem, firstBad?.seq], ["reference-broken", bad + 1]);
      const left = await all(folder);
      assert.ok(left.length < 25, "and is not shown as if it said something else");
    }
  });
});

/** As somebody with the writer's own means would. */
function chainedAnew(lines: readonly string[]): readonly string[] {
  let state = chainStart;
  return lines.map((line) => {
    const chained = chainRecord(state, Buffer.from(`${line.slice(0, line.lastIndexOf(',"seq":'))}}`));
    state = chained.state;
    return chained.line.toString().trimEnd();
  });
}
