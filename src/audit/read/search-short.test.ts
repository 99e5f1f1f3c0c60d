import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Indexer } from "#audit/index/indexer.ts";
import { openWriter, ManualClock, recordId, temporaryFolder } from "#audit/testing/doubles.ts";
import { person, servedExchange } from "#audit/testing/exchange.ts";
import { segmentName } from "#audit/segment-name.ts";
import { generator } from "#audit/testing/generator.ts";
import { ShortWriting, writeShortAudit } from "#audit/testing/short-audit.ts";
import { compileRecordFilter } from "#notation/cel/record-filter.ts";
import { openSearchIndex } from "#storage/sqlite/search-index.ts";
import { searchRecords } from "./search.ts";
import type { SearchQuery } from "./search-query.ts";

const people = 1300;
const began = Date.parse("2026-03-01T12:00:00Z");
const hosts = ["api.example.com", "other.example.com"];

interface Made {
  readonly id: string;
  readonly at: number;
  readonly subject: string;
  readonly host: string;
  readonly denied: boolean;
}

/** More people than a worker may tell of at a time, half of them rare, by three workers into segments of many blocks. */
async function writeMany(
  folder: string,
  records: number,
  onPart: (share: number) => Promise<void>,
): Promise<readonly Made[]> {
  const below = generator(0x5ea);
  const clock = new ManualClock();
  const writer = openWriter(folder, { clock, segmentBytes: 700_000 });
  const workers = [new ShortWriting(), new ShortWriting(), new ShortWriting()];
  const everybody = Array.from({ length: people }, (_, at) => ({
    ...person,
    id: `person-${at}`,
    subject: `person-${at}`,
  }));
  const made: Made[] = [];
  for (let count = 0; count < records; count += 1) {
    const subject = `person-${below(2) === 0 ? below(20) : below(people)}`;
    const one = {
      id: recordId(count),
      at: began + count * 1000,
      subject,
      host: hosts[below(8) === 0 ? 1 : 0] as string,
      denied: below(40) === 0,
    };
    const exchange = servedExchange({ id: one.id, startedAt: one.at, path: `/orders/${below(50)}`, host: one.host });
    exchange.principal = everybody[Number(subject.slice("person-".length))] ?? person;
    if (one.denied) exchange.refusal = { kind: "refusal", reason: "access-denied" };
    const worker = workers[below(workers.length)] as ShortWriting;
    const line = worker.encode(exchange, 1003.5);
    writer.append(line, 0, line.length, worker.slots);
    made.push(one);
    if (count === Math.floor(records * 0.8)) {
      writer.flush();
      await onPart(0.8);
    }
  }
  writer.close();
  return made;
}

function queryOf(filter: string, fromMs: number, toMs: number): SearchQuery {
  const compiled = compileRecordFilter(filter);
  assert.ok(compiled.ok);
  const { matches, required } = compiled.filter;
  return { fromMs, toMs, required, matches: (record) => matches(record as never) };
}

describe("a search of short records", () => {
  it("finds what is there and nothing else, however much of what they refer to is ruled out", async (t) => {
    const folder = temporaryFolder(t);
    const index = openSearchIndex(join(folder, "search.db"));
    t.after(() => index.close());
    // Blocks of few lines: what a record refers to stands in another block, and at the end of one, as often as not.
    const indexer = new Indexer({ directory: folder, index, blockBytes: 3000 });
    const records = 5000;
    const made = await writeMany(folder, records, async () => {
      while ((await indexer.advance()) > 0);
    });
    const below = generator(0xf1d);
    for (let round = 0; round < 70; round += 1) {
      const subject = `person-${below(3) === 0 ? below(20) : below(people)}`;
      const whole = below(3) === 0;
      const fromMs = whole ? 0 : began + below(records) * 1000;
      const toMs = whole ? Number.MAX_SAFE_INTEGER : fromMs + below(records) * 500;
      const [filter, is] = [
        [`principal.subject == "${subject}"`, (one: Made) => one.subject === subject],
        [
          `principal.subject == "${subject}" && decision == "deny"`,
          (one: Made) => one.subject === subject && one.denied,
        ],
        [`host == "${hosts[1]}"`, (one: Made) => one.host === hosts[1]],
        [`decision == "deny"`, (one: Made) => one.denied],
        [
          `host == "${hosts[1]}" && principal.subject == "${subject}"`,
          (one: Made) => one.host === hosts[1] && one.subject === subject,
        ],
      ][below(5)] as [string, (one: Made) => boolean];
      const wanted = made.filter((one) => one.at >= fromMs && one.at < toMs && is(one)).map(({ id }) => id);
      const found = await searchRecords(folder, index, queryOf(filter, fromMs, toMs), 10_000);
      assert.deepEqual(
        found.records.map(({ id }) => id),
        wanted,
        `${filter} from ${fromMs} to ${toMs}`,
      );
    }
  });

  it("answers with the others where somebody has changed what records refer to", async (t) => {
    const folder = temporaryFolder(t);
    const { expected } = writeShortAudit(folder, 60, { segmentBytes: 100_000 });
    const path = join(folder, segmentName(1));
    const text = readFileSync(path, "latin1");
    const references = [...text.matchAll(/"shared":"([0-9a-f]{8}\.[0-9a-f]{8}\.[0-9a-f]{8})"/g)];
    const below = generator(0xf06);
    for (let round = 0; round < 60; round += 1) {
      const [whole, reference = ""] = references[below(references.length)] as RegExpExecArray;
      const place = 9 * below(3);
      const forged = ["ffffffff", "zzzzzzzz", "00000009", "7fffffff"][below(4)] as string;
      const other = reference.slice(0, place) + forged + reference.slice(place + 8);
      writeFileSync(path, text.replaceAll(whole, `"shared":"${other}"`), "latin1");
      for (const filter of ['principal.subject == "jane"', 'host == "other.example.com"', "true"]) {
        const { records } = await searchRecords(folder, undefined, queryOf(filter, 0, Number.MAX_SAFE_INTEGER), 100);
        const hit = text.split("\n").filter((line) => line.includes(whole)).length;
        assert.ok(filter !== "true" || records.length === expected.length - hit, `${other}: ${records.length} found`);
      }
    }
  });
});
